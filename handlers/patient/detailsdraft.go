package patient

import (
	"maps"
	"net/url"
	"slices"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/views/patient"
)

// TypedFields are those that follow a person from a time that is lost to the next one, and through a sign-in that comes
// between; the long one last. Consent does not: it is given for one booking.
var TypedFields = []string{"name", "phone", "dob-month", "dob-day", "dob-year", "payer", "plan",
	"mode", "street", "unit", "town", "zip", "keep-town", "entry", "opens", "pets", "note"}

// ownPlaceFields are those that one place alone was to read, or that mean something there only.
var ownPlaceFields = []string{"payer", "plan", "mode", "entry", "opens", "pets", "note"}

// What is kept beside them: the word of the place in addresses; and for one hold, whose id it begins with, that its box
// of consent was ticked, and why its form was refused. Another hold's form has neither.
const (
	placeField   = "place"
	agreedField  = "agreed"
	refusedField = "refused"
)

func detailsDraft(account uuid.UUID) string { return "details " + account.String() }

// keepTyped keeps what the details page sent, for the page that is opened next.
func keepTyped(c echo.Context) error { return keepTypedOf(c, uuid.Nil, "") }

// keepTypedOf is keepTyped for the page of this hold itself: with the consent, and with why its form was refused.
func keepTypedOf(c echo.Context, hold uuid.UUID, why refusal) error {
	account, ok := web.OwnAccount(c)
	if !ok {
		return nil
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	values := f.Values(TypedFields...)
	if len(values) > 0 {
		values.Set(placeField, c.Param("place"))
	}
	if hold != uuid.Nil && f.Ticked("share") {
		values.Set(agreedField, hold.String())
	}
	if why != "" {
		values.Set(refusedField, hold.String()+" "+string(why))
	}
	web.KeepFields(c, detailsDraft(account.ID), values, append([]string{placeField, agreedField, refusedField},
		TypedFields...))
	return nil
}

// recall keeps what somebody sent from the form of the hold in the address when their session was over, as find tells.
func recall(c echo.Context, find func(c echo.Context, path string) url.Values) {
	account, ok := web.OwnAccount(c)
	if !ok || web.Partial(c) {
		return
	}
	sent := find(c, c.Request().URL.Path+"/confirmation")
	maps.DeleteFunc(sent, func(field string, _ []string) bool {
		return !slices.Contains(TypedFields, field) || sent.Get(field) == ""
	})
	if len(sent) > 0 {
		sent.Set(placeField, c.Param("place"))
		web.KeepDraft(c, detailsDraft(account.ID), sent)
	}
}

// keptDetails are what whoever is signed in typed a moment ago, as far as it is this place's to read; nil: nothing.
func keptDetails(c echo.Context) url.Values {
	account, ok := web.OwnAccount(c)
	if !ok {
		return nil
	}
	kept := web.Draft(c, detailsDraft(account.ID))
	if kept.Get(placeField) != c.Param("place") {
		for _, field := range ownPlaceFields {
			kept.Del(field)
		}
	}
	kept.Del(placeField)
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// details are what the form begins with: what was typed a moment ago, or what is known of the account. kept is the
// first of them, or nil.
func details(c echo.Context, hold uuid.UUID) (form patient.DetailsForm, kept url.Values) {
	account, ok := web.OwnAccount(c)
	if !ok {
		return patient.DetailsForm{}, nil
	}
	if kept = keptDetails(c); kept != nil {
		return formOf(c, kept, hold), kept
	}
	form = patient.DetailsForm{Name: account.Name, Phone: web.Phone(account.Phone)}
	if account.Born != nil {
		form.Month, form.Day, form.Year = civil.DateOf(*account.Born).Parts()
	}
	return form, nil
}

func formOf(c echo.Context, v url.Values, hold uuid.UUID) patient.DetailsForm {
	form := typedForm(web.FormOf(c, v))
	form.Share = v.Get(agreedField) == hold.String()
	return form
}
