package web

import (
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/views/layout"
)

// StaffAccess is what somebody on the staff does beyond their own rights: they use the site as a person, or read the
// records of an organization in an emergency. The session stays the staff member's.
type StaffAccess struct {
	ID           uuid.UUID
	Person       identity.Account // whose account the request uses meanwhile; zero: their own
	Organization uuid.UUID        // whose records are open; zero: none
	MayChange    bool
	Banner       layout.StaffAccess // what every page shows meanwhile
}

// StaffAccessFinder finds what runs in the session of whoever is signed in, if anything does. It is asked on every
// request.
type StaffAccessFinder func(c echo.Context) (StaffAccess, bool, error)

// StaffAccessOf is the staff access that runs in this session, if one does.
func StaffAccessOf(c echo.Context) (StaffAccess, bool) {
	a := stateOf(c).staffAccess
	return a, a.ID != uuid.Nil
}

// Actor is the signed-in person themself, also while they use the site as somebody else.
func Actor(c echo.Context) (identity.Account, bool) {
	a := stateOf(c).actor
	return a, a.ID != uuid.Nil
}

// applyStaffAccess puts the person in place of the staff member. What cannot be found out is refused, not granted.
func (s *Site) applyStaffAccess(c echo.Context, state *requestState) error {
	state.actor = state.account
	if s.FindStaffAccess == nil || state.account.ID == uuid.Nil {
		return nil
	}
	access, runs, err := s.FindStaffAccess(c)
	if err != nil || !runs {
		return err
	}
	state.staffAccess = access
	if access.Person.ID != uuid.Nil {
		state.account, state.asOther = access.Person, true
	}
	return nil
}
