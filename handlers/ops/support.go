package ops

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// SignOutPerson ends all sessions of somebody who is not on the staff.
func (h *Handlers) SignOutPerson(c echo.Context) error { return h.signOut(c, false) }

// SignOutStaff ends all sessions of one of the staff.
func (h *Handlers) SignOutStaff(c echo.Context) error { return h.signOut(c, true) }

// RemovePersonFactors is for somebody who has lost their phone.
func (h *Handlers) RemovePersonFactors(c echo.Context) error { return h.removeFactors(c, false) }

// RemoveStaffFactors is the same for one of the staff, and for administrators to do: a support login must not be a way
// to theirs.
func (h *Handlers) RemoveStaffFactors(c echo.Context) error { return h.removeFactors(c, true) }

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

func (h *Handlers) removeFactors(c echo.Context, staff bool) error {
	id, err := h.helped(c, staff)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	reason := because(f, "case", identity.ShortestReason, "Say in 10 characters or more how you know that it is them")
	if !f.OK() {
		return h.person(c, http.StatusUnprocessableEntity, id, view.SeeForm{},
			view.FactorForm{Case: f.Raw("case"), Problems: f.Problems}, view.RemoveFactor)
	}
	said := "The second factor is removed, and they are told."
	err = identity.RemoveFactors(c.Request().Context(), h.Mail, web.Caller(c), id, reason, web.Now(c))
	if errors.Is(err, identity.ErrTakesTwo) {
		said = "They are told. The second factor is removed when somebody else on the staff has approved it here."
		err = identity.RequestFactorRemoval(c.Request().Context(), h.Mail, web.Caller(c), id, reason, web.Now(c))
	}
	return h.done(c, id, said, err)
}

// ApprovePersonFactors is for somebody else than whoever asked that the factors of an organization's owner are removed.
func (h *Handlers) ApprovePersonFactors(c echo.Context) error { return h.approveRemoval(c, false) }

// ApproveStaffFactors is the same about one of the staff.
func (h *Handlers) ApproveStaffFactors(c echo.Context) error { return h.approveRemoval(c, true) }

func (h *Handlers) approveRemoval(c echo.Context, staff bool) error {
	id, err := h.helped(c, staff)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	err = identity.ApproveFactorRemoval(c.Request().Context(), h.Mail, web.Caller(c), id, f.ID("request"), web.Now(c))
	return h.done(c, id, "The second factor is removed, and they are told.", err)
}

// WithdrawFactorRemoval stops what one of the staff asked for and nobody has approved: whoever finds that it is wrong.
func (h *Handlers) WithdrawFactorRemoval(c echo.Context) error {
	id, err := web.ID(c, "account")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	err = identity.WithdrawFactorRemoval(c.Request().Context(), h.Mail, web.Caller(c), id, f.ID("request"), web.Now(c))
	return h.done(c, id, "The request is withdrawn, and they are told. Nothing was removed.", err)
}

// done goes back to the page of a person after something was done about their factors; what came too late is told
// there.
func (h *Handlers) done(c echo.Context, id uuid.UUID, said string, err error) error {
	late := ""
	switch {
	case errors.Is(err, identity.ErrNotFound):
		late = "This request waits no longer: somebody approved or withdrew it, or it ran out. Nothing was done now."
	case errors.Is(err, identity.ErrRemovalAsked):
		late = "Somebody has asked for this already. Nothing was done now."
	case errors.Is(err, identity.ErrNoFactor):
		late = "They have no second factor. Nothing was done."
	case tooNew(err):
		return fmt.Errorf("%w: %w", err, web.ErrConflict)
	case err != nil:
		return err
	}
	if late != "" {
		web.Flash(c, ui.Notice{Text: late})
		return h.person(c, http.StatusConflict, id, view.SeeForm{}, view.FactorForm{}, "")
	}
	web.Flash(c, ui.Notice{Text: said, Done: true})
	return web.Redirect(c, personPath(id))
}

// helped is whom it is about: never oneself, and one of the staff only where that is what the address says.
func (h *Handlers) helped(c echo.Context, staff bool) (uuid.UUID, error) {
	id, err := web.ID(c, "account")
	if err != nil {
		return uuid.Nil, err
	}
	row, err := h.Gateway.Identity(web.PublicScope(c)).RolesAt(c.Request().Context(), id)
	if err != nil {
		return uuid.Nil, err
	}
	me, _ := web.Account(c)
	if me.ID == id || staff != (len(row.Staff) > 0) {
		return uuid.Nil, fmt.Errorf("oneself, or the wrong kind of person: %w", web.ErrForbidden)
	}
	return id, nil
}
