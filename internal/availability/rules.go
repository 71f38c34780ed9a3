package availability

import (
	"strconv"
	"strings"
	"time"

	"kindward/internal/booking"
	"kindward/internal/civil"
)

// sayers are the levels of rules in words.
var sayers = map[booking.Origin]string{booking.FromDefault: "Kindward's default",
	booking.FromOrganization: "The organization", booking.FromService: "The service",
	booking.FromPractitioner: "The practitioner"}

// Rule is what decides, and who says so.
type Rule struct{ Name, Value, From string }

// Rules are those that a day's times come from, in the order in which they are asked. From nil: not told who says so.
func Rules(s *booking.Schedule, day civil.Date, from *booking.Origins) []Rule {
	if from == nil {
		from = &booking.Origins{}
	}
	all := []Rule{hours(s, day),
		{"A visit takes", minutes(s.VisitMinutes), sayers[booking.FromService]},
		{"Kept free before it", minutes(s.BeforeMinutes), sayers[from.BeforeMinutes]},
		{"Kept free after it", minutes(s.AfterMinutes), sayers[from.AfterMinutes]},
		{"Visits start every", minutes(step(s)), sayers[from.StepMinutes]},
		{"Notice", minutes(s.LeadMinutes), sayers[from.LeadMinutes]},
		{"Bookable ahead", days(s.HorizonDays), sayers[from.HorizonDays]}}
	if !s.ValidFrom.IsZero() || !s.ValidUntil.IsZero() {
		all = append(all, Rule{"License or insurance", validity(s), "Listings"})
	}
	return all
}

func hours(s *booking.Schedule, day civil.Date) Rule {
	open, override := s.OpenOn(day)
	r := Rule{Name: "Hours", Value: "none", From: "The hours of each " + day.Weekday().String()}
	if override {
		r.From = "An exception for this day"
	}
	var all []string
	for _, w := range open {
		all = append(all, civil.Minute(w.From)+" to "+civil.Minute(w.To))
	}
	if len(all) > 0 {
		r.Value = strings.Join(all, ", ")
	}
	return r
}

func step(s *booking.Schedule) int32 {
	if s.StepMinutes > 0 {
		return s.StepMinutes
	}
	return s.BeforeMinutes + s.VisitMinutes + s.AfterMinutes
}

func validity(s *booking.Schedule) string {
	switch {
	case s.ValidFrom.IsZero():
		return "until " + s.ValidUntil.Dated()
	case s.ValidUntil.IsZero():
		return "from " + s.ValidFrom.Dated()
	}
	return "from " + s.ValidFrom.Dated() + " until " + s.ValidUntil.Dated()
}

func minutes(n int32) string {
	if n == 0 {
		return "none"
	}
	return civil.Duration(time.Duration(n) * time.Minute)
}

// days is how many of them after today are open.
func days(n int32) string {
	switch n {
	case 0:
		return "today only"
	case 1:
		return "1 day"
	}
	return strconv.Itoa(int(n)) + " days"
}
