package civil

import (
	"testing"
	"testing/quick"
	"time"
)

func TestNumbersAreThoseOfTheCalendar(t *testing.T) {
	newYork := zone(t, "America/New_York")
	for _, s := range []string{"0001-01-01", "1969-12-31", "1970-01-01", "2026-03-08", "2026-11-01", "2028-02-29",
		"9999-12-31"} {
		d := date(s)
		n := d.Number()
		if n.String() != s || n.Date() != d || n.Weekday() != d.Start(time.UTC).Weekday() {
			t.Errorf("%s becomes %s, %s", s, n, n.Weekday())
		}
		for hour := range 24 {
			if got := NumberOf(time.Date(int(d.Year), time.Month(d.Month), int(d.Day), hour, 59, 0, 0, newYork)); got != n {
				t.Errorf("%s at %d in New York is %s", s, hour, got)
			}
		}
	}
	if date("1970-01-01").Number() != 0 || date("1969-12-31").Number() != -1 {
		t.Error("numbers do not begin with 1970")
	}
}

func TestAnInstantHasOneDateHoweverItIsAskedFor(t *testing.T) {
	for _, name := range []string{"UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Africa/Monrovia",
		"America/St_Johns"} {
		z := zone(t, name)
		agree := func(second int64) bool {
			at := time.Unix(second%10_000_000_000, 0).In(z)
			d := DateOf(at)
			return NumberOf(at) == d.Number() && d.Number().Date() == d && PeriodAt(z, at.Unix()).Day(at.Unix()) == d.Number()
		}
		if err := quick.Check(agree, nil); err != nil {
			t.Error(name, err)
		}
	}
}

func TestAPeriodReachesFromClockChangeToClockChange(t *testing.T) {
	newYork := zone(t, "America/New_York")
	p := PeriodAt(newYork, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC).Unix())
	from, to := time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC).Unix(), time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC).Unix()
	if p != (Period{from, to, -4 * 3600}) {
		t.Errorf("%+v", p)
	}
	if !p.Covers(from, to) || p.Covers(from-1, to) || p.Covers(from, to+1) {
		t.Error("Covers")
	}
	if always := PeriodAt(time.UTC, 0); !always.Covers(-1<<62, 1<<62) || always.Offset != 0 {
		t.Errorf("%+v", always)
	}
}

func TestCountingWithNumbersAllocatesNothing(t *testing.T) {
	at, z := time.Now(), zone(t, "America/New_York")
	if n := testing.AllocsPerRun(100, func() {
		d := Today(z, at)
		if d.AddDays(3).Sub(d) != 3 || NumberOf(at.In(z)).Date() != d || d.Monday().After(d) ||
			PeriodAt(z, d.Start(z).Unix()).Offset == 1 {
			t.Error("wrong")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
