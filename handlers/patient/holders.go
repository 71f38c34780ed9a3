package patient

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
)

// A time is held by a browser: by a random id in a cookie of its own, which is offered with every page on which a time
// can be taken. So the first press twice is one hold, and no answer that is lost and no session that ends takes a hold
// from whoever has it. Once its page was opened by somebody who is signed in, it is theirs alone (openHold.Account),
// and what they took while signed in is theirs in every browser (holderElsewhere). Signed in is here who has shown to
// us who they are (web.OwnAccount): an organization's sign-in says nothing of what its people hold elsewhere.
const (
	browserHolder = "holder"
	holderLife    = 7 * 24 * time.Hour
)

// offerHolder is for pages on which a time can be taken.
func offerHolder(c echo.Context) error {
	if _, err := holderHere(c); err == nil {
		return nil
	}
	return web.KeepCookie(c, browserHolder, uuid.New(), holderLife)
}

// holderHere is who this browser is to holds. Without an id it holds nothing anywhere.
func holderHere(c echo.Context) (uuid.UUID, error) {
	web.NoStore(c)
	if id, ok := web.KeptCookie[uuid.UUID](c, browserHolder); ok {
		return id, nil
	}
	return uuid.Nil, fmt.Errorf("no holder: %w", web.ErrNotFound)
}

// holderAt is who this visitor is to holds at an organization: whoever has their open hold there, which gives way to
// another; else the browser.
func holderAt(c echo.Context, organization string) (uuid.UUID, error) {
	if err := web.SessionUnread(c); err != nil {
		return uuid.Nil, err // nobody can know whose holds count with it
	}
	if own, ok := openHoldAt(c, organization); ok {
		return own.Holder, nil
	}
	return holderHere(c)
}

// newHolderAt is holderAt for whoever takes a time: also without a page of ours before.
func newHolderAt(c echo.Context, organization string) (uuid.UUID, error) {
	id, err := holderAt(c, organization)
	if errors.Is(err, web.ErrNotFound) {
		id = uuid.New()
		err = web.KeepCookie(c, browserHolder, id, holderLife)
	}
	return id, err
}

// holderOf is under which id a hold is this visitor's, if it is: the query that uses it says so. What a signed-in
// person opened in this browser asks for them, and is not there for anybody else.
func (h *Handlers) holderOf(c echo.Context, t tenancy.Tenant, hold uuid.UUID) (uuid.UUID, error) {
	web.NoStore(c)
	if err := web.SessionUnread(c); err != nil {
		return uuid.Nil, err
	}
	_, signedIn := web.Account(c)
	account, byOwnProof := web.OwnAccount(c)
	own, kept := web.KeptCookie[openHold](c, holdCookie(hold))
	switch {
	case kept && own.ID == hold && own.mine(c):
		return own.Holder, nil
	case kept && own.ID == hold && signedIn:
		return uuid.Nil, fmt.Errorf("somebody else's hold: %w", web.ErrNotFound)
	case kept && own.ID == hold:
		_, err := web.RequireAccount(c)
		return uuid.Nil, err
	case byOwnProof && web.Caller(c).Actor == uuid.Nil:
		id, err := h.holderElsewhere(c, t, account.ID, hold)
		if id != uuid.Nil || err != nil {
			return id, err
		}
	}
	return holderHere(c)
}

// holderElsewhere is under which id a living hold is kept that somebody took while they were signed in, in whichever
// browser; nil if it is none of theirs.
func (h *Handlers) holderElsewhere(c echo.Context, t tenancy.Tenant, account, hold uuid.UUID) (uuid.UUID, error) {
	ctx := c.Request().Context()
	by := booking.NewHolder(web.SiteOf(c).Keys, uuid.Nil, account, "", booking.HoldLimits{})
	all, err := by.Holds(ctx, h.Gateway.Public())
	for _, one := range all {
		if one.TenantID != t.ID {
			continue
		}
		row, err := h.Gateway.Once(web.Scope(c, t)).HoldOfClaim(ctx, one.ID)
		if err == nil && row.ID == hold {
			return row.Holder, nil
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return uuid.Nil, err
		}
	}
	return uuid.Nil, err
}

// holder is who this visitor is to booking: what is held counts by account, by browser and by network.
func (h *Handlers) holder(c echo.Context, id uuid.UUID) booking.Holder {
	caller := web.Caller(c)
	account, _ := web.OwnAccount(c)
	by := booking.NewHolder(web.SiteOf(c).Keys, id, account.ID, identity.Range(caller.IP),
		cmp.Or(h.HoldLimits, booking.UsualHoldLimits))
	if caller.Actor != uuid.Nil {
		by.Kind = booking.HeldByStaff
	}
	return by
}

// LeaveHolds is for somebody who signs out: what they hold is theirs when they are back, and until then nobody's here.
func LeaveHolds(c echo.Context) error {
	account, ok := web.Account(c)
	if !ok {
		return nil
	}
	for _, own := range holdsHere(c) {
		own.Account = account.ID
		if err := keepOpen(c, own); err != nil {
			return err
		}
	}
	return web.KeepCookie(c, browserHolder, uuid.New(), holderLife)
}
