package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/tenancy"
	"kindward/views/layout"
)

// StaffAccess is what staff do under somebody else's eyes: the site as a person sees it, or the records of an organization in an
// emergency. The session stays the staff member's; the database says on every request whether it still runs.
type StaffAccess struct {
	ID   uuid.UUID `json:"id"`
	Kind string    `json:"kind"` // impersonation, emergency

	Tenant    uuid.UUID `json:"-"` // of emergency access
	Person    string    `json:"-"` // of an impersonation
	Until     time.Time `json:"-"`
	MayChange bool      `json:"-"`
}

// StaffAccessOf is the act that runs in this session, if one does.
func StaffAccessOf(c echo.Context) (StaffAccess, bool) {
	state := stateOf(c)
	return state.staffAccess, state.staffAccess.ID != uuid.Nil
}

// BeginStaffAccess starts an act that directory.staff_access has. The session's token changes.
func BeginStaffAccess(c echo.Context, id uuid.UUID, kind string) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	if err := state.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	return state.editSession(c, func(now *content) { now.StaffAccess = &StaffAccess{ID: id, Kind: kind} })
}

// EndStaffAccess ends the act in this session; ending it in the database is the caller's.
func EndStaffAccess(c echo.Context) error {
	state := stateOf(c)
	if err := state.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	state.account, state.staffAccess, state.actor = state.worker, StaffAccess{}, uuid.Nil
	return state.editSession(c, func(now *content) { now.StaffAccess = nil })
}

// Worker is the signed-in person themself, also while they see the site as somebody else.
func Worker(c echo.Context) (identity.Account, bool) {
	state := stateOf(c)
	return state.worker, state.worker.ID != uuid.Nil
}

// banner is what every page says while the act runs.
func (a StaffAccess) banner(now time.Time) *layout.StaffAccess {
	b := &layout.StaffAccess{Text: "You see the site as " + a.Person + " and change nothing.", Left: "1 minute"}
	if a.MayChange {
		b.Text = "You act for " + a.Person + "."
	}
	if a.Kind == tenancy.EmergencyAccess {
		b.Text = "You have opened an organization's records in an emergency."
	}
	if minutes := int(math.Ceil(a.Until.Sub(now).Minutes())); minutes > 1 {
		b.Left = fmt.Sprintf("%d minutes", minutes)
	}
	return b
}

// act puts the person in place of the staff member for as long as the database says that the act runs. What cannot be told is
// refused, not granted.
func (s *Site) applyStaffAccess(ctx context.Context, c echo.Context, state *requestState) error {
	state.worker = state.account
	kept := s.content(ctx).StaffAccess
	if kept == nil || state.account.ID == uuid.Nil {
		return nil
	}
	scope := s.Gateway.Admit(tenancy.Tenant{}, Caller(c))
	row, err := s.Gateway.Shared(scope).ActiveStaffAccess(ctx, kept.ID, state.account.ID, s.Now())
	if errors.Is(err, pgx.ErrNoRows) {
		return state.editSession(c, func(now *content) { now.StaffAccess = nil })
	}
	if err != nil {
		return err
	}
	state.staffAccess = StaffAccess{ID: row.ID, Kind: row.Kind, Until: row.ExpiresAt, MayChange: row.MayChange, Person: row.Name}
	if row.TenantID != nil {
		state.staffAccess.Tenant = *row.TenantID
	}
	if row.PersonID != nil {
		state.actor = state.account.ID
		state.account = identity.Account{ID: *row.PersonID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born}
	}
	return nil
}
