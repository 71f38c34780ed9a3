package ops

import (
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// CreateImpersonation begins to see the site as somebody. The person is told, the session's token changes.
func (h *Handlers) CreateImpersonation(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	person := f.ID("person")
	if !f.OK() {
		return fmt.Errorf("no person in the form: %w", web.ErrUnreadable)
	}
	reason := because(f, "reason", identity.ShortestReason, "Say why in 10 characters or more")
	form := view.SeeForm{Reason: f.Raw("reason"), MayChange: f.Ticked("may_change")}
	if !f.OK() {
		form.Problems = f.Problems
		return h.person(c, http.StatusUnprocessableEntity, person, form, view.FactorRemovalForm{}, view.SeeAs)
	}
	id, err := identity.BeginImpersonation(c.Request().Context(), h.Mail, web.Caller(c),
		identity.Impersonation{Person: person, Reason: reason, MayChange: form.MayChange}, web.Now(c))
	if errors.Is(err, identity.ErrNotThem) {
		return fmt.Errorf("%w: %w", err, web.ErrForbidden)
	}
	if err != nil {
		return err
	}
	if err := BeginStaffAccess(c, id); err != nil {
		return err
	}
	return web.Redirect(c, "/account")
}

// because is a reason of at least so many characters; missing is what to say when it is shorter.
func because(f *web.Form, name string, least int, missing string) string {
	reason := f.Text(name, identity.LongestReason, missing)
	if n := utf8.RuneCountInString(reason); n > 0 && n < least {
		f.Wrong(name, missing)
	}
	return reason
}

// EndOwnStaffAccess ends the act of this session, from the banner on every page.
func (h *Handlers) EndOwnStaffAccess(c echo.Context) error {
	act, running := web.StaffAccessOf(c)
	if !running {
		web.Flash(c, ui.Notice{Text: "It was over already."})
		return web.Redirect(c, "/")
	}
	back := "/ops/emergency-access"
	if act.Person.ID != uuid.Nil {
		back = personPath(act.Person.ID)
	}
	if err := h.EndActing(c); err != nil {
		return err
	}
	if err := leaveStaffAccess(c); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "You are yourself again.", Done: true})
	return web.Redirect(c, back)
}

// EndActing ends the act that runs in this session.
func (h *Handlers) EndActing(c echo.Context) error {
	act, _ := web.StaffAccessOf(c)
	ctx, tenant := c.Request().Context(), tenancy.Tenant{}
	if act.Organization != uuid.Nil {
		var err error
		if tenant, err = h.Gateway.TenantByID(ctx, act.Organization); err != nil {
			return err
		}
	}
	err := identity.EndStaffAccess(ctx, h.Gateway.Identity(h.Gateway.Admit(tenant, web.Caller(c))), act.ID, web.Now(c))
	if errors.Is(err, identity.ErrStaffAccessOver) {
		return nil
	}
	return err
}

// EndStaffAccess ends anybody's act: whoever is on the staff may stop one. It is over with the next request of its
// session.
func (h *Handlers) EndStaffAccess(c echo.Context) error {
	id, err := web.ID(c, "access")
	if err != nil {
		return err
	}
	tenant, err := h.organization(c, id)
	if err != nil {
		return err
	}
	err = identity.EndStaffAccess(c.Request().Context(), h.Gateway.Identity(h.Gateway.Admit(tenant, web.Caller(c))), id,
		web.Now(c))
	if errors.Is(err, identity.ErrStaffAccessOver) {
		return fmt.Errorf("%w: %w", err, web.ErrConflict)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "It is stopped.", Done: true})
	return web.Redirect(c, "/ops")
}
