package booking_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
)

// explain writes an explanation as "09:00 taken".
func explain(p testSchedule, day string, pool Pool, now int64) (lines []string) {
	for _, e := range p.Explain(date(day), pool, now) {
		lines = append(lines, fmt.Sprintf("%02d:%02d %s", e.Minute/60, e.Minute%60, e.Reason))
	}
	return lines
}

func TestRule7_5EveryTimeOfADayHasItsReason(t *testing.T) {
	p := clinic(t, "America/New_York")
	p.Week[time.Tuesday] = []Window{{540, 650}}
	p.LeadMinutes = 20
	compile(t, p)
	now := p.at("2026-11-24 09:15")
	pool := Pool{{p.Claim(p.at("2026-11-24 10:00"))}}
	want := []string{"09:00 past", "09:20 lead_time", "09:40 free", "10:00 taken", "10:20 free", "10:40 does_not_fit"}
	if got := explain(p, "2026-11-24", pool, now); !slices.Equal(got, want) {
		t.Errorf("explained as %q", got)
	}
	if got := explain(p, "2026-11-24", nil, p.at("2026-11-23 09:00"))[0]; got != "09:00 nobody_assigned" {
		t.Errorf("without anyone %q", got)
	}
	p.HorizonDays, p.ValidUntil = 6, date("2026-11-28")
	compile(t, p)
	if got := explain(p, "2026-12-01", pool, now)[0]; got != "09:00 beyond_horizon" {
		t.Errorf("beyond the horizon %q", got)
	}
	if got := explain(p, "2026-11-29", pool, now)[0]; got != "09:00 outside_validity" {
		t.Errorf("after the credential %q", got)
	}
	p.Special = map[civil.Date][]Window{date("2026-11-27"): nil}
	compile(t, p)
	if got := explain(p, "2026-11-27", pool, now); got != nil {
		t.Errorf("a closed day has %q", got)
	}
	if hours, special := p.OpenOn(date("2026-11-27")); hours != nil || !special {
		t.Error("it is not said that the date is closed for once")
	}
}

func TestRule7_5TheHourThatDoesNotExistIsExplained(t *testing.T) {
	p := night(t, "Europe/Berlin")
	p.Week[time.Sunday] = []Window{{90, 210}}
	compile(t, p)
	want := []string{"01:30 free", "02:00 clock_change", "02:30 clock_change", "03:00 free"}
	if got := explain(p, "2026-03-29", Pool{nil}, p.at("2026-03-01 12:00")); !slices.Equal(got, want) {
		t.Errorf("explained as %q", got)
	}
	want = []string{"01:30 free", "02:00 free", "02:30 free", "02:00 free", "02:30 free", "03:00 free"}
	if got := explain(p, "2026-10-25", Pool{nil}, p.at("2026-10-01 12:00")); !slices.Equal(got, want) {
		t.Errorf("explained as %q", got)
	}
	havana := night(t, "America/Havana")
	if got := explain(havana, "2026-03-08", Pool{nil}, havana.at("2026-03-01 12:00"))[:3]; !slices.Equal(got,
		[]string{"00:00 clock_change", "00:30 clock_change", "01:00 free"}) {
		t.Errorf("a date without midnight is explained as %q", got)
	}
	apia := night(t, "Pacific/Apia")
	if got := apia.Explain(date("2011-12-30"), Pool{nil}, utc("2011-12-28T00:00:00Z")); len(got) != 12 ||
		got[0].Reason != ClockChange ||
		got[0].Start != utc("2011-12-30T10:00:00Z") {
		t.Errorf("a date that does not exist is explained as %v", got)
	}
}

func TestOnlyTimesOnTheGridAndInsideTheRulesCanBeHeld(t *testing.T) {
	p := clinic(t, "America/New_York")
	p.Week[time.Saturday], p.Week[time.Sunday] = nil, nil
	p.Week[time.Tuesday] = []Window{{540, 650}}
	p.LeadMinutes, p.HorizonDays, p.ValidFrom = 60, 10, date("2026-11-23")
	compile(t, p)
	now := p.at("2026-11-20 12:00")
	for wall, want := range map[string]Reason{
		"2026-11-24 09:00": Free,
		"2026-11-24 10:20": Free,
		"2026-11-24 10:40": DoesNotFit,
		"2026-11-24 10:50": OutsideHours,
		"2026-11-24 08:40": OutsideHours,
		"2026-11-24 09:10": OffGrid,
		"2026-11-28 09:00": NoHours,
		"2026-11-20 11:40": AlreadyPast,
		"2026-11-20 12:20": LeadTime,
		"2026-11-20 13:00": OutsideValidity,
		"2026-12-01 09:00": BeyondHorizon,
	} {
		if got := p.ReasonAt(p.at(wall), now); got != want {
			t.Errorf("%s is %s, not %s", wall, got, want)
		}
	}
	if got := p.ReasonAt(p.at("2026-11-24 09:00")+1, now); got != OffGrid {
		t.Errorf("a second past nine is %s", got)
	}
	berlin := night(t, "Europe/Berlin")
	if got := berlin.ReasonAt(utc("2026-03-29T01:00:00Z"), utc("2026-03-01T12:00:00Z")); got != Free {
		t.Errorf("three by the new clock is %s", got)
	}
	for _, start := range []int64{-1 << 40, 0, 1 << 40} {
		if p.ReasonAt(start, now) == Free {
			t.Errorf("%d is offered", start)
		}
	}
}

func TestEveryReasonIsASentence(t *testing.T) {
	for _, r := range []Reason{NoHours, OutsideHours, OffGrid, ClockChange, DoesNotFit, AlreadyPast, LeadTime,
		BeyondHorizon,
		OutsideValidity, NobodyAssigned, Taken, Free} {
		if s := r.Sentence(); !strings.HasSuffix(s, ".") || s[:1] != strings.ToUpper(s[:1]) {
			t.Errorf("%s is %q", r, s)
		}
	}
}
