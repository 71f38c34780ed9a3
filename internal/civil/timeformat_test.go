package civil

import (
	"testing"
	"time"
)

func TestATimeSaysItsYearAndItsZoneWhereTheyAreNotTheReaders(t *testing.T) {
	zone := func(name string) *time.Location {
		z, err := Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	home := zone("America/New_York")
	f := TimeFormat{Now: time.Date(2026, 11, 28, 12, 0, 0, 0, home), Zone: home}
	at := func(y, mo, d, h, m int, z string) time.Time {
		return time.Date(y, time.Month(mo), d, h, m, 0, 0, zone(z))
	}
	winter := at(2026, 12, 1, 9, 20, "America/New_York")
	for want, got := range map[string]string{
		"Tuesday 1 December, 9:20 am":                      f.Full(winter),
		"Tuesday 5 January 2027, 6:00 pm":                  f.Full(at(2027, 1, 5, 18, 0, "America/New_York")),
		"Tuesday 1 December, 9:20 am CST":                  f.Full(at(2026, 12, 1, 9, 20, "America/Chicago")),
		"Tuesday 1 December, 9:20 am UTC+04":               f.Full(at(2026, 12, 1, 9, 20, "Asia/Dubai")),
		"Tuesday 1 December, 9:20 am EST":                  TimeFormat{Now: f.Now, Zone: home, Zoned: true}.Full(winter),
		"Tuesday 1 December, 9:20 to 9:40 am":              f.Span(winter, winter.Add(20*time.Minute)),
		"Tuesday 1 December, 11:50 am to 12:10 pm":         f.Span(winter.Add(150*time.Minute), winter.Add(170*time.Minute)),
		"Tuesday 1\u00a0December at 9:20\u00a0am":          f.Sentence(winter),
		"Tuesday 5\u00a0January\u00a02027 at 6:00\u00a0pm": f.Sentence(at(2027, 1, 5, 18, 0, "America/New_York")),
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestAColumnSaysAmAndPmWhereAnHourCouldBeBoth(t *testing.T) {
	hour := func(h int) time.Time { return time.Date(2026, 12, 1, h, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		first, last int
		want        string
	}{{9, 11, "3:04"}, {13, 17, "3:04"}, {9, 13, "3:04 pm"}, {6, 9, "3:04 pm"}, {13, 18, "3:04 pm"}, {18, 18, "3:04 pm"}} {
		if got := ColumnLayout(hour(c.first), hour(c.last)); got != c.want {
			t.Errorf("from %d to %d: %q", c.first, c.last, got)
		}
	}
	const short, full = "3:04", "3:04 pm"
	if Fuller(short, full) != full || Fuller(full, short) != full || Fuller(short, short) != short {
		t.Error("what one column of a page needs, another one does not say")
	}
}

func TestAnInstantInColumnsNamesItsZone(t *testing.T) {
	zone, err := Zone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 20, 5, 0, zone)
	for want, got := range map[string]string{"Tue 24 Nov 2026, 09:20 EST": Stamp(at), "09:20": Clock24(at),
		"24 Nov 2026, 09:20:05 EST": Second(at), "9:20 am": Clock(at), "noon": Minute(12 * 60), "5:30 pm": Minute(1050),
		"Tuesday 24 November 2026, 9:20 am": Dated(at)} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
