package ops

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/role"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// ListStaff shows who has which role at the platform.
func (h *Handlers) ListStaff(c echo.Context) error { return h.staff(c, http.StatusOK, nil, "") }

// staff is the page; f is the form as it was typed, or nil.
func (h *Handlers) staff(c echo.Context, status int, f *web.Form, part string) error {
	rows, err := h.Gateway.Identity(web.PublicScope(c)).StaffRoles(c.Request().Context())
	if err != nil {
		return err
	}
	me, _ := web.Account(c)
	p := view.StaffPage{May: web.May(c, policy.ChangeStaff)}
	administrators, people := 0, map[string]bool{}
	for _, r := range rows {
		if people[r.Email] = true; r.Role == role.Administrator {
			administrators++
		}
	}
	for _, r := range rows {
		title, err := role.Title(r.Role)
		if err != nil {
			return err
		}
		line := view.StaffRole{Name: r.Name, Href: personPath(r.AccountID), Email: r.Email, Role: title,
			Since: h.day(r.CreatedAt), Own: r.AccountID == me.ID}
		if r.GivenBy != "" {
			line.Since += ", by " + r.GivenBy
		}
		if p.May && !line.Own && (r.Role != role.Administrator || administrators > 1) {
			line.End = "/ops/staff/" + r.ID.String() + "/end"
		}
		p.Roles = append(p.Roles, line)
	}
	p.Page, p.Console = h.page(c, "/ops/staff", "Staff",
		fmt.Sprintf("%s on the staff, %s.", count(int64(len(people)), "person is", "people are"),
			count(int64(administrators), "of them an administrator", "of them administrators")))
	if f != nil {
		p.Problems, p.Email, p.Role, p.Wrong = f.Problems, f.Raw("email"), f.Raw("role"), !f.OK()
	}
	p.Choices = staffChoices(p.Role)
	return web.Render(c, status, view.Staff(p), part)
}

func staffChoices(chosen string) (all []ui.Choice) {
	for _, r := range role.Staff() {
		all = append(all, ui.Choice{Value: r.Role, Label: r.Title(), Small: r.Reach, Checked: r.Role == chosen})
	}
	return all
}

// CreateStaff gives somebody a role.
func (h *Handlers) CreateStaff(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	email, given := f.TheirEmail("email"), f.OneOf("role", "Choose a role", policy.StaffRoles()...)
	if !f.OK() {
		return h.staff(c, http.StatusUnprocessableEntity, f, view.NewStaff)
	}
	name, err := identity.GrantStaff(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)), web.SiteOf(c).Keys,
		email, given, web.Now(c))
	switch {
	case errors.Is(err, identity.ErrNobody):
		f.Wrong("email", "Nobody has an account with this address. Let them sign up first")
	case errors.Is(err, identity.ErrHasRole):
		f.Wrong("role", "They have this role already")
	case errors.Is(err, identity.ErrOwnRole):
		f.Wrong("email", "Nobody gives themselves a role. Ask another administrator")
	case err != nil:
		return err
	}
	if !f.OK() {
		return h.staff(c, http.StatusUnprocessableEntity, f, view.NewStaff)
	}
	web.Flash(c, ui.Notice{Text: name + " has the role now.", Done: true})
	return web.Redirect(c, "/ops/staff")
}

// EndStaff takes a role away, from the next request on.
func (h *Handlers) EndStaff(c echo.Context) error {
	id, err := web.ID(c, "role")
	if err != nil {
		return err
	}
	name, err := identity.EndStaff(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)), id, web.Now(c))
	switch {
	case errors.Is(err, identity.ErrNotFound):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, identity.ErrOwnRole), errors.Is(err, identity.ErrLastAdministrator):
		return fmt.Errorf("%w: %w", err, web.ErrConflict)
	case err != nil:
		return err
	}
	web.Flash(c, ui.Notice{Text: name + " no longer has the role.", Done: true})
	return web.Redirect(c, "/ops/staff")
}
