package offering

import (
	"time"

	"kindward/internal/civil"
)

// EndsSoon is how long before its last day a license is said to end soon.
const EndsSoon = 60

// Validity is what is said of a license, or an insurance, that bounds what can be booked.
type Validity struct {
	Text string
	Soon bool // within EndsSoon days, or past
}

// ValidityOf says until when times are shown of whoever is called so, by their license or what else it is; nothing
// where there is no bound.
func ValidityOf(name, what string, until *time.Time, today civil.Date) Validity {
	if until == nil {
		return Validity{}
	}
	last := civil.DateOf(*until)
	v := Validity{Soon: last.Sub(today) <= EndsSoon}
	v.Text = name + ": " + what + " ends " + last.Text() + ": times after that are not shown"
	if last.Before(today) {
		v.Text = name + ": " + what + " ended " + last.Text() + ": no times are shown"
	}
	if v.Soon {
		v.Text += "; renew it"
	}
	v.Text += "."
	return v
}

// First is the earlier of two last days, with what ends then: a license, or else an insurance.
func First(licensed, insured *time.Time) (what string, until *time.Time) {
	if licensed == nil || insured != nil && insured.Before(*licensed) {
		return "insurance", insured
	}
	return "license", licensed
}
