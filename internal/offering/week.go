package offering

import (
	"strings"
	"time"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/queries/tenantdb"
)

// Week says when a schedule is open, from Monday on; days after each other with the same hours are said once.
func Week(rules []tenantdb.ScheduleRulesRow) (lines []string) {
	var hours [7]string
	for day := range hours {
		hours[day] = hoursOn(int16(day), rules)
	}
	for from := 1; from <= 7; {
		to := from
		for to < 7 && hours[(to+1)%7] == hours[from%7] {
			to++
		}
		if h := hours[from%7]; h != "" {
			lines = append(lines, days(from, to)+" "+h)
		}
		from = to + 1
	}
	return lines
}

// hoursOn are the hours of a weekday without its breaks.
func hoursOn(day int16, rules []tenantdb.ScheduleRulesRow) string {
	var open, breaks []booking.Window
	for _, r := range rules {
		switch w := (booking.Window{From: r.FromMinute, To: r.ToMinute}); {
		case r.Weekday != day:
		case r.Kind == "open":
			open = append(open, w)
		default:
			breaks = append(breaks, w)
		}
	}
	var words []string
	for _, w := range booking.Hours(open, breaks) {
		words = append(words, civil.Minute(w.From)+" to "+civil.Minute(w.To))
	}
	return strings.Join(words, " and ")
}

// days are the names of some days after each other, of which Monday is 1 and Sunday 7.
func days(from, to int) string {
	first, last := time.Weekday(from%7).String(), time.Weekday(to%7).String()
	switch to - from {
	case 0:
		return first
	case 1:
		return first + " and " + last
	case 6:
		return "Every day"
	}
	return first + " to " + last
}
