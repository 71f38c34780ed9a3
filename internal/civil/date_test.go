package civil

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/quick"
	"time"
)

func TestOnlyRealDatesAreRead(t *testing.T) {
	for _, s := range []string{"", "2026-12-7", "2026-13-01", "2026-00-10", "2026-02-30", "2027-02-29", "0000-01-01",
		"2026-12-07T00:00:00Z", "26-12-07", " 2026-12-07", "-026-12-07", "２０２６-12-07"} {
		if d, err := ParseDate(s); !errors.Is(err, ErrDate) || !d.IsZero() {
			t.Errorf("%q was read as %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"2026-12-07", "2028-02-29", "0001-01-01", "9999-12-31"} {
		if d, err := ParseDate(s); err != nil || d.String() != s {
			t.Errorf("%q was read as %v, %v", s, d, err)
		}
	}
}

func TestDatesCountAsTheCalendarDoes(t *testing.T) {
	agree := func(day int32, step int16) bool {
		at := time.Unix(int64(day%1_000_000)*86400, 0).UTC()
		d, later := DateOf(at), at.AddDate(0, 0, int(step))
		return d.AddDays(int(step)) == DateOf(later) && d.AddDays(int(step)).Sub(d) == int(step) &&
			d.Weekday() == at.Weekday() && d.Before(d.AddDays(1)) && d.After(d.AddDays(-1)) && !d.Before(d) && !d.After(d)
	}
	if err := quick.Check(agree, nil); err != nil {
		t.Error(err)
	}
}

func TestADateIsTextAndAnEmptyOneIsNone(t *testing.T) {
	days := map[Date]Date{date("2026-12-07"): {}}
	if got := string(marshal(t, days)); got != `{"2026-12-07":""}` {
		t.Error(got)
	}
	var back map[Date]Date
	if err := json.Unmarshal(marshal(t, days), &back); err != nil || len(back) != 1 ||
		back[date("2026-12-07")] != (Date{}) {
		t.Error(back, err)
	}
	if err := json.Unmarshal([]byte(`{"2027-02-29":""}`), &back); !errors.Is(err, ErrDate) {
		t.Error(err)
	}
}

func TestADateStartsAtItsFirstInstantEvenWithoutMidnight(t *testing.T) {
	for _, c := range []struct{ zone, day, start string }{
		{"America/New_York", "2026-03-08", "2026-03-08T00:00:00-05:00"},
		{"Australia/Sydney", "2026-11-24", "2026-11-24T00:00:00+11:00"},
		{"America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00"},   // 00:00 is skipped
		{"America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"},   // 00:00 comes twice
		{"Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00"},      // 00:00 is skipped
		{"America/Asuncion", "2023-10-01", "2023-10-01T01:00:00-03:00"}, // 00:00 is skipped
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},     // the date is skipped
		{"America/St_Johns", "2010-11-07", "2010-11-07T00:00:00-02:30"}, // left again after a minute, for an hour
		{"UTC", "2026-06-01", "2026-06-01T00:00:00Z"},
	} {
		if got := date(c.day).Start(zone(t, c.zone)).Format(time.RFC3339); got != c.start {
			t.Errorf("%s in %s starts at %s, not %s", c.day, c.zone, got, c.start)
		}
	}
}

func TestTodayIsTheDateOfTheZone(t *testing.T) {
	now := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	for name, want := range map[string]string{"UTC": "2026-12-31", "Asia/Tokyo": "2027-01-01",
		"America/New_York": "2026-12-31", "Pacific/Kiritimati": "2027-01-01"} {
		if got := Today(zone(t, name), now); got.String() != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestWeeksBeginOnMondayAndMonthsOnTheFirst(t *testing.T) {
	for n := date("2023-12-25").Number(); n < date("2029-03-05").Number(); n++ {
		d := n.Date()
		monday, first, next := d.Monday(), d.FirstOfMonth(), d.NextMonth()
		if monday.Weekday() != time.Monday || d.Sub(monday) < 0 || d.Sub(monday) > 6 {
			t.Fatalf("%s is in the week of %s", d, monday)
		}
		at := d.Start(time.UTC)
		y, m, _ := at.Date()
		if first != DateOf(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)) ||
			next != DateOf(time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Fatalf("the month of %s is %s to %s", d, first, next)
		}
	}
}

func TestADateIsWrittenForSentencesColumnsFormsAndAddresses(t *testing.T) {
	d := date("2026-11-04")
	month, day, year := d.Parts()
	for want, got := range map[string]string{"4 November 2026": d.Text(), "Wednesday 4 November 2026": d.Dated(),
		"Wednesday 4 November": d.Long(), "4 Nov": d.Short(), "Wed": d.ShortWeekday(), "November 2026": d.MonthName(),
		"Nov": d.ShortMonth(), "2026-11": d.YearAndMonth(), "11/4/2026": month + "/" + day + "/" + year} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
