package booking

import (
	"errors"
	"fmt"
	"math"
	"time"
)

const daySeconds = 86400

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

// dateOfDay is the date n days after 1970-01-01.
func dateOfDay(n int64) Date {
	return DateOf(time.Unix(n*daySeconds, 0).UTC())
}

// number counts the days since 1970-01-01.
func (d Date) number() int64 {
	return floorDiv(d.Start(time.UTC).Unix(), daySeconds)
}

// String is the date as 2026-12-07, and "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// IsZero reports whether d means "none".
func (d Date) IsZero() bool { return d == Date{} }

// AddDays is the date n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date { return dateOfDay(d.number() + int64(n)) }

// Sub is the number of days from o to d.
func (d Date) Sub(o Date) int { return int(d.number() - o.number()) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return weekday(d.number()) }

// Before reports whether d comes before o.
func (d Date) Before(o Date) bool { return d.number() < o.number() }

// After reports whether d comes after o.
func (d Date) After(o Date) bool { return d.number() > o.number() }

// Start is the first instant at which clocks in loc show d. Where a clock change skips midnight that is later
// than 00:00; where it repeats midnight it is the first of the two. For a date that loc skipped altogether
// it is the first instant after it.
func (d Date) Start(loc *time.Location) time.Time {
	utc := time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, time.UTC)
	if loc == time.UTC {
		return utc
	}
	midnight := utc.Unix()
	// No zone is a whole day away from UTC, so the date cannot have begun earlier than this.
	for t := midnight - daySeconds; ; {
		p := periodAt(loc, t)
		if first := max(midnight-p.offset, p.from); first < p.to {
			return time.Unix(first, 0).In(loc)
		}
		t = p.to
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

// period is a stretch of time, [from, to), over which a zone keeps one offset to UTC, in seconds.
type period struct{ from, to, offset int64 }

func periodAt(loc *time.Location, t int64) period {
	at := time.Unix(t, 0).In(loc)
	_, offset := at.Zone()
	p := period{math.MinInt64, math.MaxInt64, int64(offset)}
	from, to := at.ZoneBounds()
	if !from.IsZero() {
		p.from = from.Unix()
	}
	if !to.IsZero() {
		p.to = to.Unix()
	}
	return p
}

func weekday(number int64) time.Weekday {
	return time.Weekday(((number+4)%7 + 7) % 7) // 1970-01-01 was a Thursday
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
