// Package patient has the pages of people who look for care: search, places, times, bookings.
package patient

import (
	"strconv"
	"strings"

	"kindward/internal/civil"
	"kindward/internal/money"
)

// ShortDay is a day in a lane's head: "Tue 24".
func ShortDay(d civil.Date) string { return d.ShortWeekday() + " " + strconv.Itoa(int(d.Day)) }

// Minutes is a length: "20 minutes", "1 hour 30 minutes".
func Minutes(n int) string {
	var parts []string
	if h := n / 60; h > 0 {
		parts = append(parts, Count(h, "hour", "hours"))
	}
	if m := n % 60; m > 0 || n == 0 {
		parts = append(parts, Count(m, "minute", "minutes"))
	}
	return strings.Join(parts, " ")
}

// Notice is a cut-off as people say it: "a day", "2 hours".
func Notice(minutes int32) string {
	switch n := int(minutes); {
	case n%1440 == 0 && n > 0:
		return Count(n/1440, "day", "days")
	default:
		return Minutes(n)
	}
}

// Count is a number with its noun: "1 place", "31 places".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return money.Grouped(n) + " " + many
}

// Lower makes the first letter small, unless the word is an abbreviation: "Blood test" in a sentence.
func Lower(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):]
}

// Stretch is part of a day between two minutes of it: "9 am to 5:30 pm", "midnight to 9 pm", "all day".
func Stretch(from, to int16) string {
	if from == 0 && to == 24*60 {
		return "all day"
	}
	return civil.Minute(from) + " to " + civil.Minute(to)
}
