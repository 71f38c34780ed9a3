package notify

import "time"

// LicensesEnd tells the owners and managers of an organization whose licenses end soon, and what is booked after that.
type LicensesEnd struct {
	Recipient
	Organization, Slug string
	Ends               [][2]string // whose, and when with how many visits after it
}

// Kind is stable for ever.
func (LicensesEnd) Kind() Kind { return KindLicensesEnd }

// Life is until the next one may be due.
func (LicensesEnd) Life() time.Duration { return 3 * 24 * time.Hour }

// Email says it.
func (n LicensesEnd) Email(c Composer) Email {
	e := n.notice("Licenses end soon at "+n.Organization, "Patients can book no time after the last day of a license. "+
		"Say there until when it is renewed, and the times are open again.")
	e.Rows = n.Ends
	return e.with("Renew, and see the visits at risk", c.link("organizations", n.Slug, "listings"))
}
