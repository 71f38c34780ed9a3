package booking_test

import (
	"encoding/json"
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
)

// testSchedule reads and writes instants as wall time of its location.
type testSchedule struct{ *Schedule }

// clinic is open nine to five on every day, has visits of 20 minutes, no notice and half a year's horizon.
func clinic(t testing.TB, zone string) testSchedule {
	t.Helper()
	p := testSchedule{&Schedule{Zone: zone, VisitMinutes: 20, Rules: Rules{HorizonDays: 180}}}
	for d := range p.Week {
		p.Week[d] = []Window{{540, 1020}}
	}
	compile(t, p)
	return p
}

func compile(t testing.TB, p testSchedule) {
	t.Helper()
	if err := p.Compile(); err != nil {
		t.Fatal(err)
	}
}

// at is a wall time of the location that comes once, such as 2026-03-09 09:00.
func (p testSchedule) at(wall string) int64 {
	t, err := time.ParseInLocation("2006-01-02 15:04", wall, p.Location())
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

// clock writes instants as wall time with the zone's offset, such as 09:00-05:00.
func (p testSchedule) clock(starts []int64) []string {
	out := make([]string, len(starts))
	for i, s := range starts {
		out[i] = p.Local(s).Format("15:04-07:00")
	}
	return out
}

// on are the free times of one date on an empty calendar.
func (p testSchedule) on(day string, now int64) []int64 {
	return p.Times(nil, date(day), date(day), Pool{nil}, now)
}

func date(s string) civil.Date {
	d, err := civil.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func utc(s string) int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
