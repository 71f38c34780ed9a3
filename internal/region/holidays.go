package region

import (
	"time"

	"kindward/internal/civil"
)

type holiday struct {
	day   civil.Date
	name  string
	major bool // everybody closes; on the others some do
}

// nth is the n-th such weekday of a month; -1 is the last.
func nth(year int, month time.Month, weekday time.Weekday, n int) civil.Date {
	if n < 0 {
		last := civil.DateOf(time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC))
		return last.AddDays(-(int(last.Weekday()-weekday) + 7) % 7)
	}
	first := civil.DateOf(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC))
	return first.AddDays((int(weekday-first.Weekday())+7)%7 + 7*(n-1))
}

func fixed(year int, month time.Month, day int) civil.Date {
	return civil.DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// holidays are those of Rhode Island in one year, on their own days.
func holidays(year int) []holiday {
	return []holiday{
		{fixed(year, time.January, 1), "New Year's Day", true},
		{nth(year, time.January, time.Monday, 3), "Martin Luther King Jr. Day", false},
		{nth(year, time.February, time.Monday, 3), "Presidents' Day", false},
		{nth(year, time.May, time.Monday, -1), "Memorial Day", true},
		{fixed(year, time.June, 19), "Juneteenth", false},
		{fixed(year, time.July, 4), "Independence Day", true},
		{nth(year, time.August, time.Monday, 2), "Victory Day", false},
		{nth(year, time.September, time.Monday, 1), "Labor Day", true},
		{nth(year, time.October, time.Monday, 2), "Indigenous Peoples' Day", false},
		{fixed(year, time.November, 11), "Veterans Day", false},
		{thanksgiving(year), "Thanksgiving", true},
		{fixed(year, time.December, 25), "Christmas Day", true},
	}
}

func thanksgiving(year int) civil.Date { return nth(year, time.November, time.Thursday, 4) }

// holidaysBetween are those on the dates from..to, in order.
func holidaysBetween(from, to civil.Date) []holiday {
	var out []holiday
	for year := int(from.Year); year <= int(to.Year); year++ {
		for _, h := range holidays(year) {
			if !h.day.Before(from) && !h.day.After(to) {
				out = append(out, h)
			}
		}
	}
	return out
}
