package patient

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	"kindward/views/ui"
)

// refusal is why a form with the details of a booking was refused. It is kept with what was typed, so that the page of
// the hold says it again however it is opened: by a reload, by "back", after a change of colors.
type refusal string

const (
	wrongDetails  refusal = "details" // the form itself tells what is wrong with it
	noNewPatients refusal = "new"
	noNumber      refusal = "key"
	sentOnce      refusal = "sent"   // under the same key, with other details
	otherPerson   refusal = "person" // than whose chart it is
	otherAccount  refusal = "account holder"
	notThen       refusal = "then" // it is not offered on that day any more
	fullDay       refusal = "day"
	fullPlace     refusal = "place"
	fullAccount   refusal = "account"
)

// refusalOf is why a booking was refused; "": not for what it is about.
func refusalOf(err error) refusal {
	switch {
	case errors.Is(err, booking.ErrPlan), errors.Is(err, booking.ErrNoAddress),
		errors.Is(err, booking.ErrNoConsent):
		return wrongDetails
	case errors.Is(err, booking.ErrOtherPerson):
		return otherPerson
	case errors.Is(err, booking.ErrNoNewPatients):
		return noNewPatients
	case errors.Is(err, booking.ErrChanged):
		return notThen
	case errors.Is(err, booking.ErrDayBookings):
		return fullDay
	case errors.Is(err, booking.ErrPlaceBookings):
		return fullPlace
	case errors.Is(err, booking.ErrAccountBookings):
		return fullAccount
	}
	return ""
}

// refusedBefore is why the form of this hold was refused last, as kept with what was typed into it.
func refusedBefore(kept url.Values, hold uuid.UUID) refusal {
	of, why, _ := strings.Cut(kept.Get(refusedField), " ")
	if of != hold.String() {
		return ""
	}
	return refusal(why)
}

// problems say in words why a form was refused, what to do, and where. The time stays held, and what was typed stays.
func (h *Handlers) problems(why refusal, f *web.Form, at tenancy.Tenant, hold tenantdb.HoldPageRow) ui.Problems {
	switch why {
	case wrongDetails:
		_, problems := h.readDetails(f, at, h.offered(holdNetwork(at, hold)), meetingOf(at, hold))
		return problems
	case noNumber:
		return ui.Problems{{Field: "name",
			Message: "This form came incomplete, so nothing was booked. It is complete now: send it again"}}
	case noNewPatients:
		return ui.Problems{{Field: "name", Message: at.Name + " takes no new patients for this service"}}
	case notThen:
		return ui.Problems{{Message: at.Name + " does not offer this time any more. Choose another one",
			Href: placePath(at.Slug)}}
	case otherPerson:
		return ui.Problems{{Field: "name", Message: "Your record at " + at.Name + " has another name and another date of " +
			"birth. Book for somebody else with an account of theirs. If the record is wrong, call " + at.Name}}
	case otherAccount:
		return ui.Problems{{Field: "name", Message: "Your account has another name and another date of birth. Book for " +
			"somebody else with an account of theirs. If it is you, change them under My account, Your details"}}
	case sentOnce:
		return ui.Problems{{Field: "name",
			Message: "This form was sent before with other details. Check them and send it again."}}
	case fullDay, fullPlace, fullAccount:
		phone := cmp.Or(hold.LocationPhone, at.Phone)
		return ui.Problems{{Message: tooManyWords(why, booking.UsualBookingLimits, at, phone)},
			{Message: "Cancel one under My appointments", Href: "/bookings"}}
	}
	return nil
}

// tooManyWords say which limit is reached, and whom to call.
func tooManyWords(why refusal, most booking.BookingLimits, at tenancy.Tenant, phone string) string {
	visits := func(n int) string { return "You have " + strconv.Itoa(n) + " visits " }
	call := ", or call " + at.Name
	if phone != "" {
		call += " on " + phone
	}
	const full = ", as many as one account can book. "
	switch why {
	case fullDay:
		return visits(most.Day) + "at " + at.Name + " on this day" + full + "Choose another day, cancel one of them" +
			call + "."
	case fullPlace:
		return visits(most.Organization) + "to come at " + at.Name + full + "Cancel one of them" + call + "."
	}
	return visits(most.Everywhere) + "to come" + full + "Cancel one of them" + call + "."
}

// problemsAgain are what was wrong with a form that was refused, for the page of its hold that is opened again.
func (h *Handlers) problemsAgain(c echo.Context, kept url.Values, at tenancy.Tenant,
	hold tenantdb.HoldPageRow) ui.Problems {
	why := refusedBefore(kept, hold.ID)
	if why == "" {
		return nil
	}
	values := maps.Clone(kept)
	if kept.Get(agreedField) == hold.ID.String() {
		values.Set("share", "on")
	}
	return h.problems(why, web.FormOf(c, values), at, hold)
}
