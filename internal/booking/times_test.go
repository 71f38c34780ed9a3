package booking_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
)

func TestRule2_1WeekBreaksAndOverridesMakeTheDay(t *testing.T) {
	p := clinic(t, "America/New_York")
	p.Week = [7][]Window{time.Monday: {{540, 580}, {780, 820}}, time.Tuesday: {{540, 559}}}
	p.Special = map[civil.Date][]Window{date("2026-11-30"): nil, date("2026-12-06"): {{600, 640}}}
	compile(t, p)
	now := p.at("2026-11-20 12:00")
	for day, want := range map[string][]string{
		"2026-11-23": {"09:00-05:00", "09:20-05:00", "13:00-05:00", "13:20-05:00"}, // Monday with a break
		"2026-11-24": {},                                                           // Tuesday, too short for a visit
		"2026-11-25": {},                                                           // no hours
		"2026-11-30": {},                                                           // a Monday, closed for once
		"2026-12-06": {"10:00-05:00", "10:20-05:00"},                               // a Sunday, open for once
	} {
		if got := p.clock(p.on(day, now)); !slices.Equal(got, want) {
			t.Errorf("%s offers %v, not %v", day, got, want)
		}
	}
}

func TestRule2_3BuffersAreInsideTheClaim(t *testing.T) {
	for _, c := range []struct {
		before, after, step int32
		want                []string
	}{
		{0, 0, 0, []string{"09:00-05:00", "09:20-05:00", "09:40-05:00"}},
		{0, 5, 0, []string{"09:00-05:00", "09:25-05:00"}},                 // 9:50 would end at 10:10
		{0, 40, 0, []string{"09:00-05:00"}},                               // cleaning may run past closing
		{10, 0, 0, []string{"09:00-05:00", "09:30-05:00"}},                // preparation may precede opening
		{10, 10, 0, []string{"09:00-05:00", "09:40-05:00"}},               // ends at 10:00 sharp
		{0, 5, 15, []string{"09:00-05:00", "09:15-05:00", "09:30-05:00"}}, // a step of its own
	} {
		p := clinic(t, "America/New_York")
		p.Week[time.Tuesday] = []Window{{540, 600}}
		p.BeforeMinutes, p.AfterMinutes, p.StepMinutes = c.before, c.after, c.step
		compile(t, p)
		times := p.on("2026-11-24", p.at("2026-11-20 12:00"))
		if got := p.clock(times); !slices.Equal(got, c.want) {
			t.Errorf("before %d, after %d, step %d: %v, not %v", c.before, c.after, c.step, got, c.want)
		}
		start := times[0]
		if got, want := p.Claim(start), (Range{start - int64(c.before)*60, start + int64(20+c.after)*60}); got != want {
			t.Errorf("the claim is %v, not %v", got, want)
		}
	}
}

func TestRule2_4LeadTimeHorizonAndValidityBoundTheTimes(t *testing.T) {
	p := clinic(t, "America/New_York")
	p.LeadMinutes, p.HorizonDays = 90, 2
	compile(t, p)
	now := p.at("2026-11-24 09:11")
	if got := p.clock(p.on("2026-11-24", now)); got[0] != "11:00-05:00" {
		t.Errorf("with 90 minutes' notice at 9:11 the first time is %v", got[0])
	}
	if got := p.on("2026-11-24", p.at("2026-11-24 09:30")); got[0] != p.at("2026-11-24 11:00") {
		t.Error("exactly the notice asked for is refused")
	}
	if len(p.on("2026-11-26", now)) == 0 || len(p.on("2026-11-27", now)) != 0 || len(p.on("2026-11-23", now)) != 0 {
		t.Error("the horizon of two days is not the day after tomorrow")
	}
	p.LeadMinutes, p.HorizonDays = 0, 0
	compile(t, p)
	if got := p.on("2026-11-24", now); len(got) != 23 || len(p.on("2026-11-25", now)) != 0 {
		t.Error("a horizon of no days is not today")
	}
	p.HorizonDays, p.ValidFrom, p.ValidUntil = 30, date("2026-11-26"), date("2026-11-27")
	compile(t, p)
	if len(p.on("2026-11-25", now)) != 0 || len(p.on("2026-11-26", now)) != 24 || len(p.on("2026-11-27", now)) != 24 ||
		len(p.on("2026-11-28", now)) != 0 {
		t.Error("the credential's first and last day are not the first and last with times")
	}
}

func TestRule2_4CutOffsAreTheLastInstantOfAChange(t *testing.T) {
	p := clinic(t, "America/New_York")
	p.CancelCutoffMinutes, p.MoveCutoffMinutes = 1440, 120
	start := p.at("2026-11-24 09:20")
	if p.CancelUntil(start) != p.at("2026-11-23 09:20") || p.MoveUntil(start) != p.at("2026-11-24 07:20") {
		t.Error("cut-offs are wrong")
	}
}

func TestE17BuffersStepAllServicesOfThePractitioner(t *testing.T) {
	short := clinic(t, "America/New_York")
	short.AfterMinutes = 5
	compile(t, short)
	long := clinic(t, "America/New_York")
	long.VisitMinutes = 40
	compile(t, long)
	now := short.at("2026-11-20 12:00")

	starts := short.on("2026-11-24", now)
	for i, s := range starts[1:] {
		if s-starts[i] != 25*60 {
			t.Fatalf("20 minutes and 5 of cleaning step by %d seconds", s-starts[i])
		}
	}
	// A short visit at 9:25 keeps the practitioner until 9:50.
	busy := Pool{{short.Claim(short.at("2026-11-24 09:25"))}}
	day := date("2026-11-24")
	if got := short.clock(short.Times(nil, day, day, busy, now))[:2]; !slices.Equal(got,
		[]string{"09:00-05:00", "09:50-05:00"}) {
		t.Errorf("the same service is offered at %v", got)
	}
	if got := long.clock(long.Times(nil, day, day, busy, now))[:2]; !slices.Equal(got,
		[]string{"10:20-05:00", "11:00-05:00"}) {
		t.Errorf("another service of the practitioner is offered at %v: 9:40 is cleaning", got)
	}
	// Negative control: without the buffer in the claim, 9:40 would be offered.
	visit := Pool{{{short.at("2026-11-24 09:25"), short.at("2026-11-24 09:40")}}}
	if got := long.clock(long.Times(nil, day, day, visit, now))[:1]; got[0] != "09:40-05:00" {
		t.Errorf("without a buffer 9:40 is not free: %v", got)
	}
}

func TestATeamIsFreeWhileAnyOfItIs(t *testing.T) {
	p := clinic(t, "America/New_York")
	now, day := p.at("2026-11-20 12:00"), date("2026-11-24")
	claim := func(wall string) Range { return p.Claim(p.at("2026-11-24 " + wall)) }
	team := Pool{
		{claim("09:00"), claim("09:20")},
		{claim("09:20"), claim("09:40")},
		{claim("09:00"), claim("09:20"), claim("10:00")},
	}
	if got := p.clock(p.Times(nil, day, day, team, now))[:3]; !slices.Equal(got,
		[]string{"09:00-05:00", "09:40-05:00", "10:00-05:00"}) {
		t.Errorf("the team is free at %v", got)
	}
	for wall, want := range map[string][]int{"09:00": {1}, "09:20": nil, "09:40": {0, 2}, "10:00": {0, 1},
		"12:00": {0, 1, 2}} {
		if got := team.Free(nil, claim(wall)); !slices.Equal(got, want) {
			t.Errorf("at %s %v are free, not %v", wall, got, want)
		}
	}
	if len(p.Times(nil, day, day, nil, now)) != 0 || len(p.Times(nil, day, day, Pool{}, now)) != 0 {
		t.Error("an offering without anyone has times")
	}
}

func TestTouchingClaimsDoNotCollideAndOverlappingOnesDo(t *testing.T) {
	p := clinic(t, "America/New_York")
	now, day := p.at("2026-11-20 12:00"), date("2026-11-24")
	nine := p.at("2026-11-24 09:20")
	for name, c := range map[string]struct {
		busy []Range
		free bool
	}{
		"ends as it begins":         {[]Range{{nine - 3600, nine}}, true},
		"ends a second later":       {[]Range{{nine - 3600, nine + 1}}, false},
		"begins as it ends":         {[]Range{{nine + 1200, nine + 3600}}, true},
		"begins a second sooner":    {[]Range{{nine + 1199, nine + 3600}}, false},
		"within":                    {[]Range{{nine + 60, nine + 61}}, false},
		"around":                    {[]Range{{nine - 86400*40, nine + 86400}}, false},
		"a long one begins earlier": {[]Range{{nine - 86400, nine + 60}, {nine - 3600, nine - 3000}}, false},
		"an empty range":            {[]Range{{nine + 60, nine + 60}}, true},
		"a backward range":          {[]Range{{nine + 60, nine - 60}}, true},
	} {
		if got := slices.Contains(p.Times(nil, day, day, Pool{c.busy}, now), nine); got != c.free {
			t.Errorf("%s: free is %v", name, got)
		}
	}
}

func TestTimesAreAppendedAndBackwardDatesHaveNone(t *testing.T) {
	p := clinic(t, "America/New_York")
	now := p.at("2026-11-20 12:00")
	got := p.Times([]int64{7}, date("2026-11-24"), date("2026-11-25"), Pool{nil}, now)
	if len(got) != 49 || got[0] != 7 || !slices.IsSorted(got) {
		t.Errorf("appended to %v", got)
	}
	if len(p.Times(nil, date("2026-11-25"), date("2026-11-24"), Pool{nil}, now)) != 0 {
		t.Error("backward dates have times")
	}
	if p.DaysBetween(date("2026-11-25"), date("2026-11-24"), Pool{nil}, now) != nil {
		t.Error("backward dates have days")
	}
	if all := p.Times(nil, date("0001-01-01"), date("9999-12-31"), Pool{nil}, now); len(all) != 180*24+15 {
		t.Errorf("all dates of the calendar have %d times", len(all))
	}
}

func TestEachDaySaysWhatItHas(t *testing.T) {
	p := clinic(t, "America/New_York")
	p.HorizonDays, p.LeadMinutes = 6, 60
	p.Week = [7][]Window{1: {{540, 620}}, 2: {{540, 620}}, 3: {{540, 620}}, 4: {{540, 550}}, 5: {{540, 620}}}
	p.ValidUntil = date("2026-11-29")
	compile(t, p)
	now := p.at("2026-11-24 09:15") // a Tuesday
	wednesday := Pool{{{p.at("2026-11-25 09:00"), p.at("2026-11-25 11:00")}}}
	var got []string
	days := p.DaysBetween(date("2026-11-23"), date("2026-12-02"), wednesday, now)
	for _, d := range days {
		got = append(got, fmt.Sprintf("%s %s %d", d.Date, d.State, len(d.Times)))
	}
	want := []string{
		"2026-11-23 Past 0",
		"2026-11-24 Past 0", // still to come, but with less than an hour's notice
		"2026-11-25 Full 0",
		"2026-11-26 No hours 0", // ten minutes hold no visit
		"2026-11-27 Open 4",
		"2026-11-28 No hours 0",
		"2026-11-29 No hours 0",
		"2026-11-30 No hours 0", // the credential has ended
		"2026-12-01 Not yet open 0",
		"2026-12-02 Not yet open 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("days are\n%q, not\n%q", got, want)
	}
	if d := days[4]; d.Times[0] != p.at("2026-11-27 09:00") || cap(d.Times) != 4 {
		t.Errorf("Friday has %v", p.clock(d.Times))
	}
	if d := p.DaysBetween(date("2026-11-25"), date("2026-11-25"), wednesday,
		p.at("2026-11-25 09:00")); d[0].State != Full {
		t.Errorf("while its last time could still be booked, a day is %s", d[0].State)
	}
	p.ValidFrom = date("2026-11-27")
	compile(t, p)
	if d := p.DaysBetween(date("2026-11-25"), date("2026-11-25"), Pool{nil}, now); d[0].State != NotYetOpen {
		t.Errorf("before the contract a day is %s", d[0].State)
	}
	if d := p.DaysBetween(date("2026-11-27"), date("2026-11-27"), nil, now); d[0].State != Closed {
		t.Errorf("without anyone a day is %s", d[0].State)
	}
}

func TestTheNextTimeIsTheFirstOfAll(t *testing.T) {
	p := clinic(t, "America/New_York")
	now := p.at("2026-11-24 16:50")
	if next, ok := p.Next(Pool{nil}, now); !ok || next != p.at("2026-11-25 09:00") {
		t.Errorf("next is %v, %v", next, ok)
	}
	busy := Pool{{{now, p.at("2027-02-01 12:00")}}}
	if next, ok := p.Next(busy, now); !ok || next != p.at("2027-02-01 12:00") {
		t.Errorf("next after a long absence is %v, %v", next, ok)
	}
	busy[0][0].End = p.at("2027-05-23 09:00") // the horizon's last day
	if next, ok := p.Next(busy, now); !ok || next != busy[0][0].End {
		t.Errorf("next on the horizon's last day is %v, %v", p.Local(next), ok)
	}
	busy[0][0].End = p.at("2028-01-01 12:00")
	if next, ok := p.Next(busy, now); ok {
		t.Errorf("next beyond the horizon is %v", next)
	}
}

func TestTheSpanOfDaysReachesOverTheirClaims(t *testing.T) {
	for zone, day := range map[string]string{"America/New_York": "2026-11-01", "Australia/Sydney": "2026-10-04",
		"America/Havana": "2026-03-08", "Pacific/Kiritimati": "2026-11-01", "America/St_Johns": "2010-11-06"} {
		p := clinic(t, zone)
		for d := range p.Week {
			p.Week[d] = []Window{{0, 1440}}
		}
		p.BeforeMinutes, p.AfterMinutes = 300, 400
		p.StepMinutes = 20
		compile(t, p)
		span := p.Span(date(day), date(day))
		times := p.on(day, p.at(day+" 12:00")-3*86400)
		if len(times) < 60 {
			t.Fatalf("%s: %d times", zone, len(times))
		}
		for _, s := range times {
			if c := p.Claim(s); c.Start < span.Start || c.End > span.End {
				t.Errorf("%s: the claim %v is outside %v", zone, c, span)
			}
		}
	}
}
