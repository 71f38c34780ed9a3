package web

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/tenancy"
)

// Account is who is signed in, if anybody is.
func Account(c echo.Context) (identity.Account, bool) {
	a := stateOf(c).account
	return a, a.ID != uuid.Nil
}

// RequireAccount is for pages of a signed-in person; others are sent to sign in and come back.
func RequireAccount(c echo.Context) (identity.Account, error) {
	NoStore(c)
	state := stateOf(c)
	if a, ok := Account(c); ok {
		return a, nil
	}
	if state.sessionErr != nil {
		return identity.Account{}, fmt.Errorf("%w: %w", state.sessionErr, ErrUnavailable)
	}
	return identity.Account{}, errSignInFirst
}

// Caller is what the audit keeps about who asks.
func Caller(c echo.Context) tenancy.Caller {
	state := stateOf(c)
	ip, _ := netip.ParseAddr(c.RealIP()) // the zero Addr means unknown
	return tenancy.Caller{Subject: state.account.ID, RequestID: state.requestID, IP: ip.Unmap(), Actor: state.actor, StaffAccess: state.staffAccess.ID, Staff: state.staff, Policy: state.policy}
}

// Scope opens an organization's rows on behalf of whoever asks.
func Scope(c echo.Context, t tenancy.Tenant) tenancy.Scope {
	state := stateOf(c)
	state.tenant = t.ID
	return state.site.Gateway.Admit(t, Caller(c))
}

// PublicScope opens shared rows only, and among them those of whoever asks.
func PublicScope(c echo.Context) tenancy.Scope {
	return stateOf(c).site.Gateway.Admit(tenancy.Tenant{}, Caller(c))
}

// FindOrganization is the organization that the route's parameter "place" names.
func FindOrganization(c echo.Context) (tenancy.Tenant, error) {
	return stateOf(c).site.Gateway.Tenant(c.Request().Context(), c.Param("place"))
}

// ID reads a route's parameter; what is no id is nowhere.
func ID(c echo.Context, name string) (uuid.UUID, error) {
	raw := c.Param(name)
	id, err := uuid.Parse(raw)
	if err != nil || len(raw) != 36 {
		return uuid.Nil, fmt.Errorf("parameter %s is no id: %w", name, ErrNotFound)
	}
	return id, nil
}

// mostRanges is how many ranges of addresses are remembered for Site.HoldLimit.
const mostRanges = 20_000

// mostHolds is how many times one visitor may keep at once.
const mostHolds = 3

// OpenHold is a time that this visitor keeps somewhere.
type OpenHold struct {
	Organization string    `json:"place"` // the organization's word in addresses
	ID           uuid.UUID `json:"id"`
	Until        time.Time `json:"until"`

	Listing uuid.UUID `json:"listing"` // which time it is, so that calendars can show it as the visitor's own (E8)
	Start   time.Time `json:"start"`
}

// Holder is who this visitor is to holds: a random id, made when it is first needed and kept in the session.
func Holder(c echo.Context) (uuid.UUID, error) {
	if id, ok := KnownHolder(c); ok {
		return id, nil
	}
	id := uuid.New()
	return id, stateOf(c).editSession(c, func(now *content) { now.Holder = id })
}

// KnownHolder is Holder for pages that only look: false means that this visitor holds nothing anywhere.
func KnownHolder(c echo.Context) (uuid.UUID, bool) {
	NoStore(c)
	state := stateOf(c)
	if !state.sessionLoaded {
		return uuid.Nil, false
	}
	id := state.site.content(c.Request().Context()).Holder
	return id, id != uuid.Nil
}

// OpenHolds are the times that this visitor keeps, as far as the session knows.
func OpenHolds(c echo.Context) []OpenHold {
	state := stateOf(c)
	if !state.sessionLoaded {
		return nil
	}
	now := state.site.Now()
	return slices.DeleteFunc(slices.Clone(state.site.content(c.Request().Context()).Holds), func(h OpenHold) bool { return !h.Until.After(now) })
}

// MayHold refuses a fourth time at once, and ranges of addresses that take times faster than people do (A13).
func MayHold(c echo.Context, place string) error {
	elsewhere := 0
	var first time.Time
	for _, h := range OpenHolds(c) {
		if h.Organization == place {
			continue // this one lapses
		}
		if elsewhere++; first.IsZero() || h.Until.Before(first) {
			first = h.Until
		}
	}
	if elsewhere >= mostHolds {
		return fmt.Errorf("%d times are held: %w", elsewhere, TooMany(first.Sub(Now(c))))
	}
	if wait := SiteOf(c).holds.Allow(identity.Range(Caller(c).IP), Now(c)); wait > 0 {
		return TooMany(wait)
	}
	return nil
}

// KeepHold notes a hold, in place of the one before at the same organization.
func KeepHold(c echo.Context, h OpenHold) error {
	return editHolds(c, func(all []OpenHold) []OpenHold {
		return append(slices.DeleteFunc(all, func(o OpenHold) bool { return o.Organization == h.Organization }), h)
	})
}

// DropHold forgets a hold that was released or has become a booking.
func DropHold(c echo.Context, id uuid.UUID) error {
	return editHolds(c, func(all []OpenHold) []OpenHold {
		return slices.DeleteFunc(all, func(o OpenHold) bool { return o.ID == id })
	})
}

func editHolds(c echo.Context, edit func([]OpenHold) []OpenHold) error {
	next := edit(OpenHolds(c))
	return stateOf(c).editSession(c, func(now *content) { now.Holds = next })
}
