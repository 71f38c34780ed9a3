package search

import (
	"fmt"
	"time"
)

// Day is a civil date without a zone, counted in days since 1 January 1970. Differences are calendar days, whatever the clocks do.
type Day int32

// DayOf is the date on the wall calendar of t's own location.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsADay)
}

// ParseDay reads 2026-11-24. A day that is on no calendar, like 2026-02-30, is an error.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("search: %q is not a date", s)
	}
	return Day(t.Unix() / secondsADay), nil
}

const secondsADay = 24 * 60 * 60

func (d Day) time() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

// Date gives year, month and day of the month.
func (d Day) Date() (int, time.Month, int) { return d.time().Date() }

// Weekday is the day's name in the week.
func (d Day) Weekday() time.Weekday { return d.time().Weekday() }

// String is the form used in URLs: 2026-11-24.
func (d Day) String() string { return d.time().Format(time.DateOnly) }

// Long is the form people read: "Tuesday 24 November".
func (d Day) Long() string { return d.time().Format("Monday 2 January") }

// PartOfDay is a stretch of the location's wall clock: before noon, noon to five, from five on.
type PartOfDay string

// The parts of the day, with their values in the URL.
const (
	AnyTime   PartOfDay = ""
	Morning   PartOfDay = "am"
	Afternoon PartOfDay = "pm"
	Evening   PartOfDay = "eve"
)

var partsInOrder = [3]PartOfDay{Morning, Afternoon, Evening}

const noonHour, eveningHour = 12, 17

// partIndex is the place of an hour of the wall clock in partsInOrder.
func partIndex(hour int) int32 {
	switch {
	case hour < noonHour:
		return 0
	case hour < eveningHour:
		return 1
	}
	return 2
}
