package patient

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// openHold is a time that this visitor keeps somewhere. It lies in a cookie of its own, so that two tabs that take
// times at once both keep theirs, and neither a lost answer nor the end of a session loses one.
type openHold struct {
	Holder       uuid.UUID `json:"holder"`
	Account      uuid.UUID `json:"account,omitzero"` // whose alone it is, once its page was opened by somebody signed in
	Organization string    `json:"place"`            // the organization's word in addresses
	ID           uuid.UUID `json:"id"`
	Until        time.Time `json:"until"`

	Listing uuid.UUID `json:"listing"` // which time it is, so that calendars can show it as the visitor's own (E8)
	Start   time.Time `json:"start"`

	// What it takes and is called, so that confirming does not ask first.
	Claim booking.Claim `json:"claim,omitzero"`
	Ref   string        `json:"ref,omitzero"`
}

const (
	holdCookies   = "hold-"   // begins the names of the cookies of holds
	endedLife     = time.Hour // how long a hold that is over keeps its page
	mostHoldsHere = 5         // cookies at once, those of holds that are over among them
)

func holdCookie(id uuid.UUID) string { return holdCookies + id.String()[:13] }

// mine tells whether a hold is this visitor's: nobody's but the browser's, or theirs.
func (own openHold) mine(c echo.Context) bool {
	account, _ := web.OwnAccount(c)
	return own.Account == uuid.Nil || own.Account == account.ID
}

// heldOf is a hold as far as the browser knows it; at least its id.
func heldOf(c echo.Context, id uuid.UUID) booking.Held {
	if own := openHoldOf(c, id); own.ID == id {
		return booking.Held{ID: id, Ref: own.Ref, Until: own.Until, Start: own.Start, Claim: own.Claim}
	}
	return booking.Held{ID: id}
}

// holdsHere are the holds that the browser knows of and this visitor may see, those that are over too.
func holdsHere(c echo.Context) (all []openHold) {
	web.NoStore(c)
	for _, name := range web.KeptCookies(c, holdCookies) {
		if own, ok := web.KeptCookie[openHold](c, name); ok && own.mine(c) {
			all = append(all, own)
		}
	}
	return all
}

// openHolds are the times that this visitor keeps, as far as the browser knows; one at each organization.
func openHolds(c echo.Context) []openHold {
	now := web.Now(c)
	latest := map[string]openHold{}
	for _, own := range holdsHere(c) {
		if own.Until.After(now) && own.Until.After(latest[own.Organization].Until) {
			latest[own.Organization] = own
		}
	}
	return slices.SortedFunc(maps.Values(latest), func(a, b openHold) int { return a.Until.Compare(b.Until) })
}

// openHoldAt is the time that this visitor keeps at an organization, as far as the browser knows.
func openHoldAt(c echo.Context, organization string) (openHold, bool) {
	all := openHolds(c)
	i := slices.IndexFunc(all, func(own openHold) bool { return own.Organization == organization })
	if i < 0 {
		return openHold{}, false
	}
	return all[i], true
}

// openHoldOf is what the browser knows of one hold of this visitor; zero if it knows nothing.
func openHoldOf(c echo.Context, id uuid.UUID) openHold {
	own, ok := web.KeptCookie[openHold](c, holdCookie(id))
	if !ok || own.ID != id || !own.mine(c) {
		return openHold{}
	}
	return own
}

// keep notes a hold in the browser, in place of the one before at the same organization, and whose it is.
func (h *Handlers) keep(c echo.Context, o listed, holder uuid.UUID, held booking.Held) error {
	for _, own := range openHolds(c) {
		if own.Organization == o.tenant.Slug && own.ID != held.ID {
			if err := endHold(c, own.ID); err != nil {
				return err
			}
		}
	}
	dropOldHolds(c)
	return keepOpen(c, openHold{Holder: holder, Organization: o.tenant.Slug, ID: held.ID, Listing: o.listing.ID,
		Start: held.Start, Until: held.Until, Claim: held.Claim, Ref: held.Ref})
}

// dropOldHolds keeps the cookies few: it drops those that cannot be read, and the first that ended, whosever they were.
func dropOldHolds(c echo.Context) {
	var all []openHold
	for _, name := range web.KeptCookies(c, holdCookies) {
		if own, ok := web.KeptCookie[openHold](c, name); ok {
			all = append(all, own)
		} else {
			web.DropCookie(c, name)
		}
	}
	slices.SortFunc(all, func(a, b openHold) int { return a.Until.Compare(b.Until) })
	for _, own := range all[:max(0, len(all)-mostHoldsHere+1)] {
		web.DropCookie(c, holdCookie(own.ID))
	}
}

// keepOpen writes what the browser is to know of a hold. Of somebody who is signed in it is theirs from now on.
func keepOpen(c echo.Context, own openHold) error {
	if account, ok := web.OwnAccount(c); ok {
		own.Account = account.ID
	}
	return web.KeepCookie(c, holdCookie(own.ID), own, own.Until.Add(endedLife).Sub(web.Now(c)))
}

// endHold notes that a hold is over: it was released, ran out, gave way. Its page is still its holder's.
func endHold(c echo.Context, id uuid.UUID) error {
	own := openHoldOf(c, id)
	if now := web.Now(c); own.ID == id && own.Until.After(now) {
		own.Until = now
		return keepOpen(c, own)
	}
	return nil
}

// dropHold forgets a hold that is booked: the booking is its account's, and each request reads few cookies.
func dropHold(c echo.Context, id uuid.UUID) { web.DropCookie(c, holdCookie(id)) }

// noteHold notes what a hold's page has found: an answer may have been lost that said so, or was another browser's.
func noteHold(c echo.Context, t tenancy.Tenant, hold tenantdb.HoldPageRow) error {
	own := openHoldOf(c, hold.ID)
	account, _ := web.OwnAccount(c)
	if own.ID == hold.ID && own.Until.Equal(*hold.HeldUntil) && own.Account == account.ID {
		return nil
	}
	own.Holder, own.Organization, own.ID = hold.Holder, t.Slug, hold.ID
	own.Listing, own.Start, own.Until = hold.OfferingID, hold.StartsAt, *hold.HeldUntil
	return keepOpen(c, own)
}

// prolongHold keeps a hold until another time.
func prolongHold(c echo.Context, id uuid.UUID, until time.Time) error {
	own := openHoldOf(c, id)
	if own.ID != id || own.Until.Equal(until) {
		return nil
	}
	own.Until = until
	return keepOpen(c, own)
}
