package civil

import "time"

const daySeconds = 86400

// DayNumber is a date as the number of days since 1970-01-01, for indexes and loops that count with dates. Differences
// are days of the calendar, whatever the clocks do. Dates of the years -32768 to 32767 fit.
type DayNumber int32

// NumberOf is the number of the date a clock in t's own location shows at t. It costs less than DateOf.
func NumberOf(t time.Time) DayNumber {
	_, offset := t.Zone()
	return dayAt(t.Unix() + int64(offset))
}

// Number is the date as a number.
func (d Date) Number() DayNumber { return DayNumber(d.days()) }

// Date is the number as a date.
func (n DayNumber) Date() Date { return dateOfDay(int64(n)) }

// Weekday is the day of the week.
func (n DayNumber) Weekday() time.Weekday {
	return time.Weekday(((n+4)%7 + 7) % 7) // 1970-01-01 was a Thursday
}

// String is the date as 2026-12-07.
func (n DayNumber) String() string { return n.Date().String() }

// days counts the days since 1970-01-01.
func (d Date) days() int64 { return int64(dayAt(d.Start(time.UTC).Unix())) }

// dateOfDay is the date n days after 1970-01-01.
func dateOfDay(n int64) Date { return DateOf(time.Unix(n*daySeconds, 0).UTC()) }

// dayAt is the day of an instant of wall time, in seconds since 1970-01-01 00:00.
func dayAt(wall int64) DayNumber {
	n := wall / daySeconds
	if wall%daySeconds < 0 {
		n--
	}
	return DayNumber(n)
}

// Period is a stretch of time, [From, To) in Unix seconds, over which a zone keeps one offset to UTC, in seconds.
// Without a change of the clocks before or after, From and To are the least and the greatest int64.
type Period struct{ From, To, Offset int64 }

// Day is the number of the date that clocks show at t, an instant within the period in Unix seconds.
func (p Period) Day(t int64) DayNumber { return dayAt(t + p.Offset) }

// Covers reports whether the offset holds during all of [from, to), in Unix seconds.
func (p Period) Covers(from, to int64) bool { return p.From <= from && to <= p.To }
