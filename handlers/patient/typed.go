package patient

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/views/patient"
)

// typed are the fields that follow a person from a time that is lost to the next one, the long one last. Consent does
// not: it is given for one booking.
var typed = []string{"name", "phone", "dob-month", "dob-day", "dob-year", "payer", "plan", "note"}

// keepTyped keeps what the details page sent along with the choice of another time.
func keepTyped(c echo.Context) error {
	account, ok := web.Account(c)
	if !ok {
		return nil
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	for n := len(typed); n > 0; n-- { // a note too long for a cookie must not take the rest with it
		values := f.Values(typed[:n]...)
		if len(values) == 0 || web.KeepDraft(c, "details "+account.ID.String(), values) {
			break
		}
	}
	return nil
}

// details are what the form begins with: what was typed a moment ago, or what is known of the account.
func details(c echo.Context) patient.DetailsForm {
	account, ok := web.Account(c)
	if !ok {
		return patient.DetailsForm{}
	}
	if kept := web.Draft(c, "details "+account.ID.String()); kept != nil {
		return formOf(kept)
	}
	form := patient.DetailsForm{Name: account.Name, Phone: web.Phone(account.Phone)}
	if account.Born != nil {
		form.Month, form.Day, form.Year = account.Born.Format("1"), account.Born.Format("2"), account.Born.Format("2006")
	}
	return form
}

func formOf(v url.Values) patient.DetailsForm {
	return patient.DetailsForm{Name: v.Get("name"), Phone: v.Get("phone"), Note: v.Get("note"), Payer: v.Get("payer"),
		Plan:  v.Get("plan"),
		Month: v.Get("dob-month"), Day: v.Get("dob-day"), Year: v.Get("dob-year")}
}
