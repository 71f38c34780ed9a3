package web

import (
	"fmt"
	"net/netip"

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
	caller := tenancy.Caller{Subject: state.account.ID, RequestID: state.requestID, IP: ip.Unmap(),
		StaffAccess: state.staffAccess.ID, Staff: state.staff, Policy: state.policy}
	if state.asOther {
		caller.Actor = state.actor.ID
	}
	return caller
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

// FindOrganization is the organization that the route's parameter "place" names. All pages of one that is behind this
// program are refused alike, also those that would not ask its tables.
func FindOrganization(c echo.Context) (tenancy.Tenant, error) {
	t, err := stateOf(c).site.Gateway.Tenant(c.Request().Context(), c.Param("place"))
	if err == nil && t.Behind() {
		err = tenancy.ErrTenantBehind
	}
	return t, err
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
