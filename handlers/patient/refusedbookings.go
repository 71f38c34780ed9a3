package patient

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/internal/booking"
	"kindward/internal/tenancy"
	"kindward/views/patient"
	"kindward/views/ui"
)

// tooManyBooked tells a booking that is refused because of the account's other visits to come.
func tooManyBooked(err error) bool {
	return errors.Is(err, booking.ErrDayBookings) || errors.Is(err, booking.ErrPlaceBookings) ||
		errors.Is(err, booking.ErrAccountBookings)
}

// refusedBooking is the page of the hold again, with everything as typed: which limit of visits to come is reached, and
// what to do. The time stays held, and what was typed stays for whoever cancels one of the others and comes back.
func (h *Handlers) refusedBooking(c echo.Context, form patient.DetailsForm, why error) error {
	tenant, hold, err := h.openHold(c)
	if err != nil {
		return err
	}
	phone := cmp.Or(hold.LocationPhone, tenant.Phone)
	return h.showAgain(c, http.StatusUnprocessableEntity, tenant, hold, form, ui.Problems{
		{Message: tooManyWords(why, booking.UsualBookingLimits, tenant, phone)},
		{Message: "Cancel one under My appointments", Href: "/bookings"}})
}

// tooManyWords say which limit is reached, and whom to call.
func tooManyWords(why error, most booking.BookingLimits, at tenancy.Tenant, phone string) string {
	visits := func(n int) string { return "You have " + strconv.Itoa(n) + " visits " }
	call := ", or call " + at.Name
	if phone != "" {
		call += " on " + phone
	}
	const full = ", as many as one account can book. "
	switch {
	case errors.Is(why, booking.ErrDayBookings):
		return visits(most.Day) + "at " + at.Name + " on this day" + full + "Choose another day, cancel one of them" +
			call + "."
	case errors.Is(why, booking.ErrPlaceBookings):
		return visits(most.Place) + "to come at " + at.Name + full + "Cancel one of them" + call + "."
	}
	return visits(most.Everywhere) + "to come" + full + "Cancel one of them" + call + "."
}
