package booking_test

import (
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
)

// busyMonth is a practitioner of a clinic that is open nine to five with a lunch break, for thirty days, with about 300
// claims: the case that performance.md measures.
func busyMonth(t testing.TB) (p *Schedule, from, to civil.Date, pool Pool, now int64) {
	c := clinic(t, "America/New_York")
	c.AfterMinutes, c.HorizonDays = 5, 90
	for d := range c.Week {
		c.Week[d] = []Window{{540, 720}, {780, 1020}}
	}
	compile(t, c)
	from, to = date("2026-11-02"), date("2026-12-01")
	now = c.at("2026-11-01 12:00")
	var busy []Range
	for i, s := range c.Times(nil, from, to, Pool{nil}, now) {
		if i%20 < 11 {
			busy = append(busy, c.Claim(s))
		}
	}
	return c.Schedule, from, to, Pool{busy}, now
}

func TestAMonthOfTimesAllocatesNothing(t *testing.T) {
	p, from, to, pool, now := busyMonth(t)
	dst := make([]int64, 0, 600)
	team := Pool{pool[0], pool[0], pool[0], nil}
	for name, f := range map[string]func(){
		"one practitioner": func() { dst = p.Times(dst[:0], from, to, pool, now) },
		"a team of four":   func() { dst = p.Times(dst[:0], from, to, team, now) },
		"the next time":    func() { p.Next(pool, now) },
		"a pool literal":   func() { dst = p.Times(dst[:0], from, to, Pool{pool[0]}, now) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	dst = p.Times(dst[:0], from, to, pool, now)
	if got, want := len(dst)+len(pool[0]), 30*(7+9); got != want || len(pool[0]) < 250 {
		t.Errorf("%d free and %d taken times, together not the month's %d", len(dst), len(pool[0]), want)
	}
}

func BenchmarkMonth(b *testing.B) {
	p, from, to, pool, now := busyMonth(b)
	dst := make([]int64, 0, 600)
	b.ReportAllocs()
	for b.Loop() {
		dst = p.Times(dst[:0], from, to, pool, now)
	}
}

func BenchmarkMonthOfAClockChange(b *testing.B) {
	p, _, _, _, _ := busyMonth(b)
	from, to := date("2026-10-19"), date("2026-11-17")
	now := time.Date(2026, 10, 18, 12, 0, 0, 0, time.UTC).Unix()
	dst := make([]int64, 0, 600)
	b.ReportAllocs()
	for b.Loop() {
		dst = p.Times(dst[:0], from, to, Pool{nil}, now)
	}
}

func BenchmarkMonthOfATeamOfFour(b *testing.B) {
	p, from, to, pool, now := busyMonth(b)
	team := Pool{pool[0], pool[0], pool[0], pool[0]}
	dst := make([]int64, 0, 600)
	b.ReportAllocs()
	for b.Loop() {
		dst = p.Times(dst[:0], from, to, team, now)
	}
}

func BenchmarkFiveDaysOfACard(b *testing.B) {
	p, from, _, pool, now := busyMonth(b)
	b.ReportAllocs()
	for b.Loop() {
		p.DaysBetween(from, from.AddDays(4), pool, now)
	}
}

func BenchmarkReadSchedule(b *testing.B) {
	p, _, _, _, _ := busyMonth(b)
	text := marshal(b, p)
	b.ReportAllocs()
	for b.Loop() {
		var q Schedule
		if err := q.UnmarshalJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}
