package patient

import (
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/queries/shareddb"
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
	if errors.Is(why, booking.ErrOwnHolds) {
		return h.ownHolds(c, o, start, by)
	}
	after, phone, err := booking.NextHoldEnd(c.Request().Context(), h.Gateway.In(web.Scope(c, o.tenant)), o.offering, by,
		web.Now(c))
	if err != nil {
		return err
	}
	ended := ui.HoldEnded{Text: refusedWords(c, after, phone)}
	if _, signedIn := web.Account(c); !signedIn {
		week := civil.DateOf(o.offering.Schedule.Local(start.Unix())).String()
		ended.Ways = []ui.Way{{Text: "Sign in",
			Href: web.SignInPath(timesPath(o.tenant.Slug, o.listing.ID) + "?week=" + week)}}
	}
	return h.tooMany(c, o, start, after, ended)
}

// tooMany answers with the page of times, on which ended says why this one is not kept.
func (h *Handlers) tooMany(c echo.Context, o listed, start time.Time, after time.Duration, ended ui.HoldEnded) error {
	c.QueryParams().Set("week", civil.DateOf(o.offering.Schedule.Local(start.Unix())).String())
	page, err := h.holdingPage(c, o)
	if err != nil {
		return err
	}
	ended.Title = h.timesOf(c, o.listing).Clock(o.offering.Schedule.Local(start.Unix())) + " is not kept for you yet"
	ended.All, page.Lost = timesPath(o.tenant.Slug, o.listing.ID), &ended
	web.RetryAfter(c.Response().Header(), after)
	return web.Render(c, http.StatusTooManyRequests, patient.ChooseTime(page), "")
}

// ownHolds is the refusal of a person who keeps as many times as one may: which they are, with the ways to them, and
// when the first of them ends.
func (h *Handlers) ownHolds(c echo.Context, o listed, start time.Time, by booking.Holder) error {
	held, err := by.Holds(c.Request().Context(), h.Gateway.Public())
	if err != nil {
		return err
	}
	after := time.Second // they have ended since
	if len(held) > 0 {
		after = max(held[0].ExpiresAt.Sub(web.Now(c)), after)
	}
	ended := ui.HoldEnded{Text: "You keep " + patient.Count(len(held), "time", "times") +
		" already. Book one of them or let one go, or come back " + in(after) + "."}
	for _, one := range held {
		way, found, err := h.wayTo(c, one)
		if err != nil {
			return err
		}
		if found {
			ended.Ways = append(ended.Ways, way)
		}
	}
	return h.tooMany(c, o, start, after, ended)
}

// wayTo leads to the page of a hold; false if it has ended since, or its organization is not served now.
func (h *Handlers) wayTo(c echo.Context, held shareddb.HoldsOfRow) (way ui.Way, found bool, err error) {
	ctx := c.Request().Context()
	tenant, err := h.Gateway.TenantByID(ctx, held.TenantID)
	if err != nil || tenant.Behind() {
		return way, false, err
	}
	hold, err := h.Gateway.Once(web.Scope(c, tenant)).HoldOfClaim(ctx, held.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return way, false, nil
	}
	if err != nil {
		return way, false, err
	}
	return ui.Way{Text: h.times(c).Sentence(inZone(hold.StartsAt, hold.Zone)) + ", " + tenant.Name,
		Href:  holdPath(tenant.Slug, hold.ID),
		Yield: "Yours until " + h.times(c).Clock(inZone(held.ExpiresAt, hold.Zone))}, true, nil
}

// in is when to come back, in words.
func in(after time.Duration) string {
	return "in " + civil.Duration(after.Truncate(time.Minute)+time.Minute)
}

// refusedWords say why a time is not kept because of what others hold, and what to do: sign in, call, come back.
func refusedWords(c echo.Context, after time.Duration, phone string) string {
	text, back := "Many people hold times here just now without having booked.", "Come back "+in(after)
	if _, signedIn := web.Account(c); !signedIn {
		text, back = text+" Sign in, and you can take this one.", "Or come back "+in(after)
	}
	if phone != "" {
		back += ", or call " + phone
	}
	return text + " " + back + "."
}
