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
	v := visitOf(c)
	return v.staffAccess, v.staffAccess.ID != uuid.Nil
}

// BeginStaffAccess starts an act that directory.staff_access has. The session's token changes.
func BeginStaffAccess(c echo.Context, id uuid.UUID, kind string) error {
	v := visitOf(c)
	if !v.known || v.lost != nil {
		return ErrUnavailable
	}
	if err := v.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	return v.change(c, func(now *content) { now.StaffAccess = &StaffAccess{ID: id, Kind: kind} })
}

// EndStaffAccess ends the act in this session; ending it in the database is the caller's.
func EndStaffAccess(c echo.Context) error {
	v := visitOf(c)
	if err := v.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	v.account, v.staffAccess, v.actor = v.worker, StaffAccess{}, uuid.Nil
	return v.change(c, func(now *content) { now.StaffAccess = nil })
}

// Worker is the signed-in person themself, also while they see the site as somebody else.
func Worker(c echo.Context) (identity.Account, bool) {
	v := visitOf(c)
	return v.worker, v.worker.ID != uuid.Nil
}

// banner is what every page says while the act runs.
func (a StaffAccess) banner(now time.Time) *layout.StaffAccess {
	b := &layout.StaffAccess{Text: "You see the site as " + a.Person + " and change nothing.", Left: "1 minute"}
	if a.MayChange {
		b.Text = "You act for " + a.Person + "."
	}
	if a.Kind == "emergency" {
		b.Text = "You have opened an organization's records in an emergency."
	}
	if minutes := int(math.Ceil(a.Until.Sub(now).Minutes())); minutes > 1 {
		b.Left = fmt.Sprintf("%d minutes", minutes)
	}
	return b
}

// act puts the person in place of the staff member for as long as the database says that the act runs. What cannot be told is
// refused, not granted.
func (s *Site) act(ctx context.Context, c echo.Context, v *visit) error {
	v.worker = v.account
	kept := s.content(ctx).StaffAccess
	if kept == nil || v.account.ID == uuid.Nil {
		return nil
	}
	scope := s.Gateway.Admit(tenancy.Tenant{}, Caller(c))
	row, err := s.Gateway.Shared(scope).StaffAccessNow(ctx, kept.ID, v.account.ID, s.Now())
	if errors.Is(err, pgx.ErrNoRows) {
		return v.change(c, func(now *content) { now.StaffAccess = nil })
	}
	if err != nil {
		return err
	}
	v.staffAccess = StaffAccess{ID: row.ID, Kind: row.Kind, Until: row.ExpiresAt, MayChange: row.MayChange, Person: row.Name}
	if row.TenantID != nil {
		v.staffAccess.Tenant = *row.TenantID
	}
	if row.PersonID != nil {
		v.actor = v.account.ID
		v.account = identity.Account{ID: *row.PersonID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born}
	}
	return nil
}
