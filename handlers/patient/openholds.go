package patient

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/identity"
)

// openHold is a time that this visitor keeps somewhere. It lies in a cookie of its own, so that two tabs that take
// times at once both keep theirs; it is believed only for the holder whose session this is, and for the account that
// had signed in when its page was last seen: their session may end, and the time is theirs when they are back.
type openHold struct {
	Holder       uuid.UUID `json:"holder"`
	Account      uuid.UUID `json:"account,omitzero"`
	Organization string    `json:"place"` // the organization's word in addresses
	ID           uuid.UUID `json:"id"`
	Until        time.Time `json:"until"`

	Listing uuid.UUID `json:"listing"` // which time it is, so that calendars can show it as the visitor's own (E8)
	Start   time.Time `json:"start"`

	Claim booking.Claim `json:"claim"` // what it takes, so that confirming does not ask first
}

// holdCookies begins the names of the cookies of holds.
const holdCookies = "hold-"

func holdCookie(id uuid.UUID) string { return holdCookies + id.String()[:13] }

// endedLife is how long the browser knows a hold that is over, whose page says so: until another time is taken at most.
const endedLife = time.Hour

// belongs tells whether a hold is this visitor's.
func (own openHold) belongs(c echo.Context) bool {
	holder, err := knownHolder(c)
	account, signedIn := web.Account(c)
	return err == nil && own.Holder == holder || signedIn && own.Account == account.ID
}

// heldOf is a hold as far as the browser knows it; at least its id.
func heldOf(c echo.Context, id uuid.UUID) booking.Held {
	if own := openHoldOf(c, id); own.ID == id {
		return booking.Held{ID: id, Until: own.Until, Start: own.Start, Claim: own.Claim}
	}
	return booking.Held{ID: id}
}

// holderSlot outlives signing in: the time that a visitor took is theirs when they have an account.
var holderSlot = web.NewSlot[uuid.UUID]("holder", web.KeptAtSignIn)

// The id that a visitor will have as a holder is offered with every page on which a time can be taken, in a cookie.
// So the first time that they take is theirs however often the browser asks for it, at once or again: none of the
// requests has to be the one that gives them an id. Taking a time puts it into the session, and once it is there the
// cookie goes.
const (
	offeredHolder = "holder"
	offerLife     = 7 * 24 * time.Hour
)

// offerHolder is for pages on which a time can be taken.
func offerHolder(c echo.Context) error {
	if forgetOffer(c); web.SessionUnread(c) != nil {
		return nil // nobody can know whether they have one
	}
	if _, err := knownHolder(c); err == nil {
		return nil
	}
	return web.KeepCookie(c, offeredHolder, uuid.New(), offerLife)
}

// holderOf is who this visitor is to holds: a random id.
func holderOf(c echo.Context) (uuid.UUID, error) {
	id, err := knownHolder(c)
	if errors.Is(err, web.ErrNotFound) { // no page of ours was seen before, or no cookies are kept
		id = uuid.New()
		err = web.KeepCookie(c, offeredHolder, id, offerLife)
	}
	return id, err
}

// knownHolder is holderOf for pages that only look. Without an id this visitor holds nothing anywhere.
func knownHolder(c echo.Context) (uuid.UUID, error) {
	web.NoStore(c)
	if id, ok := holderSlot.Get(c); ok {
		return id, nil
	}
	if err := web.SessionUnread(c); err != nil {
		return uuid.Nil, err
	}
	if id, ok := web.KeptCookie[uuid.UUID](c, offeredHolder); ok {
		return id, nil
	}
	return uuid.Nil, fmt.Errorf("no holder: %w", web.ErrNotFound)
}

// holderOfHold is who this visitor is to one hold. A time that somebody who was signed in has taken in this browser is
// theirs in their next session too, for which they are asked to sign in.
func holderOfHold(c echo.Context, id uuid.UUID) (uuid.UUID, error) {
	holder, err := knownHolder(c)
	own, ok := web.KeptCookie[openHold](c, holdCookie(id))
	if !ok || own.ID != id || own.Account == uuid.Nil || err == nil && own.Holder == holder {
		return holder, err
	}
	account, failed := web.RequireAccount(c)
	switch {
	case failed != nil:
		return uuid.Nil, failed
	case account.ID == own.Account:
		return own.Holder, nil
	}
	return holder, err
}

// forgetOffer ends the cookie of a visitor in whose session the id is.
func forgetOffer(c echo.Context) {
	if _, ok := holderSlot.Get(c); ok {
		web.DropCookie(c, offeredHolder)
	}
}

// settleHolder keeps the id of a visitor who has taken a time, as long as their session.
func settleHolder(c echo.Context, holder uuid.UUID) error {
	if _, ok := holderSlot.Get(c); ok {
		return nil
	}
	return holderSlot.Set(c, holder)
}

// openHolds are the times that this visitor keeps, as far as the browser knows; one at each organization.
func openHolds(c echo.Context) (all []openHold) {
	now := web.Now(c)
	latest := map[string]openHold{}
	for _, name := range web.KeptCookies(c, holdCookies) {
		own, ok := web.KeptCookie[openHold](c, name)
		if ok && own.Until.After(now) && own.Until.After(latest[own.Organization].Until) && own.belongs(c) {
			latest[own.Organization] = own
		}
	}
	return slices.SortedFunc(maps.Values(latest), func(a, b openHold) int { return a.Until.Compare(b.Until) })
}

// openHoldOf is what the browser knows of one hold of this visitor; zero if it knows nothing.
func openHoldOf(c echo.Context, id uuid.UUID) openHold {
	own, ok := web.KeptCookie[openHold](c, holdCookie(id))
	if !ok || own.ID != id || !own.belongs(c) {
		return openHold{}
	}
	return own
}

// Holding tells whether this visitor keeps a time anywhere.
func Holding(c echo.Context) bool { return len(openHolds(c)) > 0 }

// holder is who this visitor is to booking: what is held counts by account, by browser and by network.
func (h *Handlers) holder(c echo.Context, id uuid.UUID) booking.Holder {
	caller := web.Caller(c)
	by := booking.NewHolder(web.SiteOf(c).Keys, id, caller.Subject, identity.Range(caller.IP),
		cmp.Or(h.HoldLimits, booking.UsualHoldLimits))
	if caller.Actor != uuid.Nil {
		by.Kind = booking.HeldByStaff
	}
	return by
}

// keep notes a hold in the browser, in place of the one before at the same organization and of those that are over, and
// whose it is.
func (h *Handlers) keep(c echo.Context, o listed, holder uuid.UUID, held booking.Held) error {
	now := web.Now(c)
	for _, name := range web.KeptCookies(c, holdCookies) {
		own, ok := web.KeptCookie[openHold](c, name)
		if !ok || own.Organization == o.tenant.Slug || !own.Until.After(now) {
			web.DropCookie(c, name)
		}
	}
	own := openHold{Holder: holder, Organization: o.tenant.Slug, ID: held.ID, Listing: o.listing.ID, Start: held.Start,
		Until: held.Until, Claim: held.Claim}
	if err := keepOpen(c, own); err != nil {
		return err
	}
	return settleHolder(c, holder)
}

// keepOpen keeps a hold for whoever is signed in.
func keepOpen(c echo.Context, own openHold) error {
	if account, signedIn := web.Account(c); signedIn {
		own.Account = account.ID
	}
	return web.KeepCookie(c, holdCookie(own.ID), own, own.Until.Sub(web.Now(c))+endedLife)
}

// dropHold forgets a hold that was released or has become a booking.
func dropHold(c echo.Context, id uuid.UUID) { web.DropCookie(c, holdCookie(id)) }

// prolongHold keeps a hold until another time, and for whoever has signed in since it was taken.
func prolongHold(c echo.Context, id uuid.UUID, until time.Time) error {
	own := openHoldOf(c, id)
	account, signedIn := web.Account(c)
	if own.ID != id || own.Until.Equal(until) && (!signedIn || own.Account == account.ID) {
		return nil
	}
	own.Until = until
	return keepOpen(c, own)
}
