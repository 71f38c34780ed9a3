package availability_test

import (
	"testing"
	"time"

	"kindward/internal/availability"
	"kindward/internal/booking"
	"kindward/internal/civil"
)

// schedule is open from 9 to noon on Mondays, with visits of 30 minutes.
func schedule(t *testing.T) *booking.Schedule {
	t.Helper()
	s := &booking.Schedule{Zone: "America/New_York", VisitMinutes: 30, Rules: booking.Rules{LeadMinutes: 120,
		HorizonDays: 30}, Special: map[civil.Date][]booking.Window{{Year: 2026, Month: 12, Day: 14}: {}}}
	s.Week[time.Monday] = []booking.Window{{From: 540, To: 720}}
	if err := s.Compile(); err != nil {
		t.Fatal(err)
	}
	return s
}

// 7.5: each verdict of a day in words.
func Test75ADayIsExplainedInWords(t *testing.T) {
	s := schedule(t)
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	monday := civil.Date{Year: 2026, Month: 11, Day: 30}
	all := booking.Range{Start: monday.Start(s.Location()).Unix(), End: monday.AddDays(1).Start(s.Location()).Unix()}
	nine := booking.Range{Start: monday.At(540, s.Location()).Unix(), End: monday.At(570, s.Location()).Unix()}
	for _, c := range []struct {
		says string
		pool booking.Pool
		day  civil.Date
		now  time.Time
	}{
		{"6 of 6 times are free.", booking.Pool{nil}, monday, now},
		{"5 of 6 times are free.", booking.Pool{{nine}}, monday, now},
		{"6 of 6 times are free.", booking.Pool{{nine}, nil}, monday, now},
		{"No time is free. Everyone who could do it is busy then.", booking.Pool{{all}}, monday, now},
		{"No time is free. No one is assigned to this service.", nil, monday, now},
		{"No time: there are no hours on a Tuesday.", booking.Pool{nil}, monday.AddDays(1), now},
		{"No time: this day is an exception, and closed.", booking.Pool{nil}, monday.AddDays(14), now},
		{"No time is free. This day is not open for booking yet.", booking.Pool{nil}, monday.AddDays(35), now},
		{"No time is free. This time has passed.", booking.Pool{nil}, monday, now.AddDate(0, 0, 2)},
		{"No time is free. Of 6, 4 for this: This time has passed.", booking.Pool{nil}, monday,
			monday.At(10*60+45, s.Location())},
	} {
		if a := availability.Explain(s, c.pool, c.day, c.now); a.Verdict != c.says {
			t.Errorf("%s: %q, want %q", c.day, a.Verdict, c.says)
		}
	}
	for minute, says := range map[int16]string{540: "Everyone who could do it is busy then.",
		547: "Visits do not start at this minute.", 800: "Outside the opening hours.",
		570: "Free: inside the hours, with enough notice, and nothing else is then."} {
		if got := availability.At(s, booking.Pool{{nine}}, monday, minute, now); got != says {
			t.Errorf("%d: %q, want %q", minute, got, says)
		}
	}
	spring := civil.Date{Year: 2027, Month: 3, Day: 14}
	if got := availability.At(s, booking.Pool{nil}, spring, 150, now); got != "The clocks skip this time." {
		t.Error(got)
	}
}

func TestRulesSayWhoseTheyAre(t *testing.T) {
	s := schedule(t)
	two := int32(120)
	_, from := booking.Resolve(booking.RuleSet{}, booking.RuleSet{LeadMinutes: &two}, booking.RuleSet{})
	got := map[string]availability.Rule{}
	for _, r := range availability.Rules(s, civil.Date{Year: 2026, Month: 11, Day: 30}, &from) {
		got[r.Name] = r
	}
	for _, want := range []availability.Rule{{"Hours", "9 am to noon", "The hours of each Monday"},
		{"A visit takes", "30 minutes", "The service"}, {"Notice", "120 minutes", "The service"},
		{"Bookable ahead", "30 days", "Kindward's default"}, {"Visits start every", "30 minutes", "Kindward's default"},
		{"Kept free before it", "none", "Kindward's default"}} {
		if got[want.Name] != want {
			t.Errorf("%v, want %v", got[want.Name], want)
		}
	}
}
