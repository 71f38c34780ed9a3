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

// Acting is what staff do under somebody else's eyes: the site as a person sees it, or the records of an organization in an
// emergency. The session stays the staff member's; the database says on every request whether it still runs.
type Acting struct {
	ID   uuid.UUID `json:"id"`
	Kind string    `json:"kind"` // impersonation, break_glass

	Tenant    uuid.UUID `json:"-"` // of a broken glass
	Person    string    `json:"-"` // of an impersonation
	Until     time.Time `json:"-"`
	MayChange bool      `json:"-"`
}

// ActingOf is the act that runs in this session, if one does.
func ActingOf(c echo.Context) (Acting, bool) {
	v := visitOf(c)
	return v.acting, v.acting.ID != uuid.Nil
}

// BeginActing starts an act that directory.acting has. The session's token changes.
func BeginActing(c echo.Context, id uuid.UUID, kind string) error {
	v := visitOf(c)
	if !v.known || v.lost != nil {
		return ErrUnavailable
	}
	if err := v.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	return v.change(c, func(now *content) { now.Acting = &Acting{ID: id, Kind: kind} })
}

// EndActing ends the act in this session; ending it in the database is the caller's.
func EndActing(c echo.Context) error {
	v := visitOf(c)
	if err := v.site.sessions.RenewToken(c.Request().Context()); err != nil {
		return err
	}
	v.account, v.acting, v.actor = v.worker, Acting{}, uuid.Nil
	return v.change(c, func(now *content) { now.Acting = nil })
}

// Worker is the signed-in person themself, also while they see the site as somebody else.
func Worker(c echo.Context) (identity.Account, bool) {
	v := visitOf(c)
	return v.worker, v.worker.ID != uuid.Nil
}

// banner is what every page says while the act runs.
func (a Acting) banner(now time.Time) *layout.Acting {
	b := &layout.Acting{Text: "You see the site as " + a.Person + " and change nothing.", Left: "1 minute"}
	if a.MayChange {
		b.Text = "You act for " + a.Person + "."
	}
	if a.Kind == "break_glass" {
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
	kept := s.content(ctx).Acting
	if kept == nil || v.account.ID == uuid.Nil {
		return nil
	}
	scope := s.Door.Admit(tenancy.Tenant{}, Caller(c))
	row, err := s.Door.Shared(scope).ActingNow(ctx, kept.ID, v.account.ID, s.Now())
	if errors.Is(err, pgx.ErrNoRows) {
		return v.change(c, func(now *content) { now.Acting = nil })
	}
	if err != nil {
		return err
	}
	v.acting = Acting{ID: row.ID, Kind: row.Kind, Until: row.ExpiresAt, MayChange: row.MayChange, Person: row.Name}
	if row.TenantID != nil {
		v.acting.Tenant = *row.TenantID
	}
	if row.PersonID != nil {
		v.actor = v.account.ID
		v.account = identity.Account{ID: *row.PersonID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born}
	}
	return nil
}
