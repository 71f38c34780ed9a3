// Package civil has the calendar of people: dates without a zone, and the zones that turn them into instants.
package civil

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Date is a day of the civil calendar without a zone. The zero Date means "none".
type Date struct {
	Year       int16
	Month, Day int8
}

// ErrDate is returned for text that is not a day of the calendar.
var ErrDate = errors.New("not a date like 2026-12-07")

// ParseDate reads a date of the form 2026-12-07. Days that no calendar has, such as 2027-02-29, are refused.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%w: %.20q", ErrDate, s)
	}
	return DateOf(t), nil
}

// DateOf is the date a clock in t's own location shows at t.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{int16(y), int8(m), int8(d)}
}

// Today is the date that clocks in zone show now.
func Today(zone *time.Location, now time.Time) Date { return DateOf(now.In(zone)) }

// String is the date as 2026-12-07, and "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Text is the date by itself: "24 November 2026".
func (d Date) Text() string { return d.format("2 January 2006") }

// Dated is the date as records and paper have it: "Tuesday 24 November 2026".
func (d Date) Dated() string { return d.format("Monday 2 January 2006") }

// Long is the date as people say it, without the year: "Tuesday 24 November".
func (d Date) Long() string { return d.format("Monday 2 January") }

// Short is the date in a column: "24 Nov".
func (d Date) Short() string { return d.format("2 Jan") }

// MonthName is the month of the date: "November 2026".
func (d Date) MonthName() string { return d.format("January 2006") }

// ShortMonth is the month of the date in a column: "Nov".
func (d Date) ShortMonth() string { return d.format("Jan") }

// ShortWeekday is the day of the week in a column: "Tue".
func (d Date) ShortWeekday() string { return d.format("Mon") }

// YearAndMonth is the month of the date in an address: "2026-11".
func (d Date) YearAndMonth() string { return d.format("2006-01") }

// Parts are month, day and year as they stand in the boxes of a form.
func (d Date) Parts() (month, day, year string) {
	return strconv.Itoa(int(d.Month)), strconv.Itoa(int(d.Day)), d.format("2006")
}

func (d Date) format(layout string) string { return d.Start(time.UTC).Format(layout) }

// IsZero reports whether d means "none".
func (d Date) IsZero() bool { return d == Date{} }

// At is a minute of the date on the clocks of a zone; one that they skip is told by what it gives instead.
func (d Date) At(minute int16, zone *time.Location) time.Time {
	return time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, int(minute), 0, 0, zone)
}

// AddDays is the date n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date { return dateOfDay(d.days() + int64(n)) }

// Sub is the number of days from o to d.
func (d Date) Sub(o Date) int { return int(d.days() - o.days()) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.Number().Weekday() }

// Before reports whether d comes before o.
func (d Date) Before(o Date) bool { return d.days() < o.days() }

// After reports whether d comes after o.
func (d Date) After(o Date) bool { return d.days() > o.days() }

// Monday is the Monday of d's week: d itself or one of the six days before it.
func (d Date) Monday() Date { return d.AddDays(-int(d.Weekday()+6) % 7) }

// FirstOfMonth is the first day of d's month.
func (d Date) FirstOfMonth() Date { return Date{d.Year, d.Month, 1} }

// NextMonth is the first day of the month after d's.
func (d Date) NextMonth() Date { return d.FirstOfMonth().AddDays(31).FirstOfMonth() }

// Start is the first instant at which clocks in zone show d. Where a clock change skips midnight that is later
// than 00:00; where it repeats midnight it is the first of the two. For a date that zone skipped altogether
// it is the first instant after it.
func (d Date) Start(zone *time.Location) time.Time {
	utc := time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, time.UTC)
	if zone == time.UTC {
		return utc
	}
	midnight := utc.Unix()
	// No zone is a whole day away from UTC, so the date cannot have begun earlier than this.
	for t := midnight - daySeconds; ; {
		p := PeriodAt(zone, t)
		if first := max(midnight-p.Offset, p.From); first < p.To {
			return time.Unix(first, 0).In(zone)
		}
		t = p.To
	}
}

// MarshalText writes the date as 2026-12-07, the zero Date as nothing.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(text))
	return err
}
