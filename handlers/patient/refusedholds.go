package patient

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/views/patient"
	"kindward/views/ui"
)

// tooManyHeld tells a hold that is refused because of others that are held from one whose time is lost.
func tooManyHeld(err error) bool {
	return errors.Is(err, booking.ErrOwnHolds) || errors.Is(err, booking.ErrNetworkHolds) ||
		errors.Is(err, booking.ErrVisitorHolds)
}

// refusedHold is the page of times again, saying why this one was not kept, what to do, and when to come back.
func (h *Handlers) refusedHold(c echo.Context, o listed, start time.Time, by booking.Holder, why error) error {
	after, phone, err := booking.NextHoldEnd(c.Request().Context(), h.Gateway.In(web.Scope(c, o.tenant)), o.offering, by,
		web.Now(c))
	if err != nil {
		return err
	}
	if errors.Is(why, booking.ErrOwnHolds) {
		after = firstOwnEnd(c)
	}
	local := o.offering.Schedule.Local(start.Unix())
	week := civil.DateOf(local).String()
	c.QueryParams().Set("week", week)
	page, err := h.holdingPage(c, o)
	if err != nil {
		return err
	}
	times := timesPath(o.tenant.Slug, o.listing.ID)
	page.Lost = &ui.HoldEnded{Title: patient.Clock(local) + " is not kept for you yet",
		Text: refusedWords(c, by, why, after, phone), All: times}
	if _, signedIn := web.Account(c); errors.Is(why, booking.ErrOwnHolds) {
		page.Lost.Ways = h.heldWays(c)
	} else if !signedIn {
		page.Lost.Ways = []ui.Way{{Text: "Sign in", Href: web.SignInPath(times + "?week=" + week)}}
	}
	web.RetryAfter(c.Response().Header(), after)
	return web.Render(c, http.StatusTooManyRequests, patient.ChooseTime(page), "")
}

// firstOwnEnd is how long it takes until the first of this visitor's own holds ends, as far as their browser knows;
// those of another browser of theirs have as long as a hold has.
func firstOwnEnd(c echo.Context) time.Duration {
	own := openHolds(c)
	if len(own) == 0 {
		return booking.HoldTime
	}
	return max(own[0].Until.Sub(web.Now(c)), time.Second) // the first of them ends first
}

// ownHoldsWords say what somebody can do who keeps too many times, of which this browser knows some. The others were
// taken elsewhere, and only time ends them.
func ownHoldsWords(most, known int, in string) string {
	text := "You keep " + strconv.Itoa(most) + " times already."
	switch {
	case known == 0:
		return text + " They were taken in another browser. Book them there, or come back " + in + "."
	case known < most:
		text += " Some were taken in another browser."
	}
	return text + " Book one of these or let one go, or come back " + in + "."
}

// refusedWords say why a time is not kept and what to do: finish, sign in, call, come back.
func refusedWords(c echo.Context, by booking.Holder, why error, after time.Duration, phone string) string {
	in := "in " + civil.Duration(after.Truncate(time.Minute)+time.Minute)
	if errors.Is(why, booking.ErrOwnHolds) {
		return ownHoldsWords(by.Limits.Own, len(openHolds(c)), in)
	}
	text, back := "Many people hold times here just now without having booked.", "Come back "+in
	if _, signedIn := web.Account(c); !signedIn {
		text, back = text+" Sign in, and you can take this one.", "Or come back "+in
	}
	if phone != "" {
		back += ", or call " + phone
	}
	return text + " " + back + "."
}
