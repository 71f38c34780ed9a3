package patient

import (
	"maps"
	"net/url"
	"slices"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/views/patient"
)

// TypedFields are those that follow a person from a time that is lost to the next one, and through a sign-in that comes
// between; the long one last. Consent does not: it is given for one booking.
var TypedFields = []string{"name", "phone", "dob-month", "dob-day", "dob-year", "payer", "plan", "note"}

func detailsDraft(account uuid.UUID) string { return "details " + account.String() }

// keepTyped keeps what the details page sent, for the page that is opened next.
func keepTyped(c echo.Context) error {
	account, ok := web.OwnAccount(c)
	if !ok {
		return nil
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	web.KeepFields(c, detailsDraft(account.ID), f, TypedFields)
	return nil
}

// recall keeps what somebody sent from the form of a hold when their session was over.
func recall(c echo.Context, hold string) {
	account, ok := web.OwnAccount(c)
	if !ok || web.Partial(c) {
		return
	}
	sent := web.Recalled(c, hold+"/confirmation")
	maps.DeleteFunc(sent, func(field string, _ []string) bool { return !slices.Contains(TypedFields, field) })
	if len(sent) > 0 {
		web.KeepDraft(c, detailsDraft(account.ID), sent)
	}
}

// details are what the form begins with: what was typed a moment ago, or what is known of the account.
func details(c echo.Context) patient.DetailsForm {
	account, ok := web.OwnAccount(c)
	if !ok {
		return patient.DetailsForm{}
	}
	if kept := web.Draft(c, detailsDraft(account.ID)); kept != nil {
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
