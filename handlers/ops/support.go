package ops

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/views/ui"
)

// SignOutPerson ends all sessions of somebody who is not on the staff.
func (h *Handlers) SignOutPerson(c echo.Context) error { return h.signOut(c, false) }

// SignOutStaff ends all sessions of one of the staff.
func (h *Handlers) SignOutStaff(c echo.Context) error { return h.signOut(c, true) }

func (h *Handlers) signOut(c echo.Context, staff bool) error {
	id, err := h.helped(c, staff)
	if err != nil {
		return err
	}
	theirs := h.Gateway.Identity(identity.StaffScope(h.Gateway, web.Caller(c), id))
	if err := theirs.EndSessions(c.Request().Context(), id); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "They are signed out on every device.", Done: true})
	return web.Redirect(c, personPath(id))
}

// helped is whom it is about: never oneself, and one of the staff only where that is what the address says.
func (h *Handlers) helped(c echo.Context, staff bool) (uuid.UUID, error) {
	id, err := web.ID(c, "account")
	if err != nil {
		return uuid.Nil, err
	}
	row, err := h.Gateway.Identity(web.PublicScope(c)).RolesAt(c.Request().Context(), id, uuid.Nil)
	if err != nil {
		return uuid.Nil, err
	}
	me, _ := web.Account(c)
	if me.ID == id || staff != (len(row.Staff) > 0) {
		return uuid.Nil, fmt.Errorf("oneself, or the wrong kind of person: %w", web.ErrForbidden)
	}
	return id, nil
}
