// Package join answers people whose organization wants to join: they begin, answer step by step, and see who has the
// ball.
package join

import (
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/document"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Handlers are the pages of whoever wants to join.
type Handlers struct {
	Gateway *tenancy.Gateway
	Mail    identity.Mail
	Zone    *time.Location // in which times are told that are no place's
	Files   document.Files

	IdentitySecrets []string // that sign webhooks of whoever verifies identities
}

// opened is the application that the address names, for somebody who takes part in it.
type opened struct {
	id         uuid.UUID
	definition *onboarding.Definition
	onboarding.Application
	scope tenancy.Scope
	who   uuid.UUID
}

func path(id uuid.UUID) string { return "/join/" + id.String() }

func (o opened) path() string { return path(o.id) }

func (o opened) stepPath(key string) string { return o.path() + "/steps/" + key }

// open is 404 for everybody who does not take part.
func (h *Handlers) open(c echo.Context) (o opened, err error) {
	who, err := web.RequireAccount(c)
	if err != nil {
		return o, err
	}
	if o.id, err = web.ID(c, "application"); err != nil {
		return o, err
	}
	ctx := c.Request().Context()
	if _, err := web.Found(h.Gateway.Shared(web.PublicScope(c)).TakesPart(ctx, o.id)); err != nil {
		return o, err
	}
	o.who, o.scope = who.ID, web.Scope(c, tenancy.Tenant{ID: o.id})
	o.definition, o.Application, err = onboarding.Load(ctx, h.Gateway, o.scope)
	return o, err
}

// formID is the id that a form brought: sent twice it does its work once.
func formID(f *web.Form) uuid.UUID {
	if id, err := uuid.Parse(f.Raw("id")); err == nil {
		return id
	}
	return uuid.New()
}

// step is the applicant's step of a key, once it can be answered.
func (o opened) step(key string) (*onboarding.Step, error) {
	s, ok := o.definition.Step(key)
	at, exists := o.Steps[key]
	if !ok || !exists || s.By != onboarding.Applicant || at.State == onboarding.StepLocked {
		return nil, web.ErrNotFound
	}
	return s, nil
}

// people are the names of all who take or took part, guests included.
func (h *Handlers) people(c echo.Context, o opened) (map[uuid.UUID]string, error) {
	rows, err := h.Gateway.Shared(o.scope).Participants(c.Request().Context())
	if err != nil {
		return nil, err
	}
	names := map[uuid.UUID]string{}
	for _, r := range rows {
		names[r.AccountID] = r.Name
	}
	for id, guest := range o.Guests {
		names[id] = guest.Name + ", a guest,"
	}
	return names, nil
}

// day is the day of an instant for people to read.
func (h *Handlers) day(c echo.Context, at time.Time) string {
	return civil.TimeFormat{Now: web.Now(c)}.Day(at.In(h.zone()))
}

// moment is an instant for people to read.
func (h *Handlers) moment(c echo.Context, at time.Time) string {
	return civil.TimeFormat{Now: web.Now(c)}.Sentence(at.In(h.zone()))
}

func (h *Handlers) zone() *time.Location {
	if h.Zone == nil {
		return time.UTC
	}
	return h.Zone
}

// act lets something happen to the application. What cannot happen any more is a conflict, which the page shows anew.
func (h *Handlers) act(c echo.Context, o opened, e onboarding.Event) (onboarding.Effects, error) {
	e.By, e.At = o.who, web.Now(c)
	_, effects, err := onboarding.Act(c.Request().Context(), h.Gateway, o.scope, e)
	if errors.Is(err, onboarding.ErrNotNow) || errors.Is(err, onboarding.ErrNoStep) {
		err = errors.Join(err, web.ErrConflict)
	}
	return effects, err
}

// mine are the applications in which somebody takes part, as links with their names.
func (h *Handlers) mine(c echo.Context) (all []mineRow, err error) {
	if _, in := web.OwnAccount(c); !in {
		return nil, nil
	}
	ctx := c.Request().Context()
	rows, err := h.Gateway.Shared(web.PublicScope(c)).ApplicationsOfAccount(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		_, a, err := onboarding.Load(ctx, h.Gateway, h.Gateway.AdmitApplicant(r.TenantID, web.Caller(c)))
		if err != nil {
			return nil, err
		}
		all = append(all, mineRow{r, a})
	}
	return all, nil
}

type mineRow struct {
	shareddb.ApplicationsOfAccountRow
	onboarding.Application
}
