package ops

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// CreateFactorRemoval is for somebody who has lost their phone: it removes their second factors, or asks for that where
// it takes two.
func (h *Handlers) CreateFactorRemoval(c echo.Context) error { return h.createFactorRemoval(c, false) }

// CreateStaffFactorRemoval is the same for one of the staff, and for administrators to do: a support login must not be
// a way to theirs.
func (h *Handlers) CreateStaffFactorRemoval(c echo.Context) error {
	return h.createFactorRemoval(c, true)
}

func (h *Handlers) createFactorRemoval(c echo.Context, staff bool) error {
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
			view.FactorRemovalForm{Case: f.Raw("case"), Problems: f.Problems}, view.FactorRemoval)
	}
	said := "The second factor is removed, and they are told."
	err = identity.RemoveFactors(c.Request().Context(), h.Mail, web.Caller(c), id, reason, web.Now(c))
	if errors.Is(err, identity.ErrTakesTwo) {
		said = "They are told. The second factor is removed when somebody else on the staff has approved it here."
		err = identity.RequestFactorRemoval(c.Request().Context(), h.Mail, web.Caller(c), id, reason, web.Now(c))
	}
	return h.done(c, id, said, err)
}

// ApproveFactorRemoval is for somebody else than whoever asked that the factors of an organization's owner are removed.
func (h *Handlers) ApproveFactorRemoval(c echo.Context) error {
	return h.approveFactorRemoval(c, false)
}

// ApproveStaffFactorRemoval is the same about one of the staff.
func (h *Handlers) ApproveStaffFactorRemoval(c echo.Context) error {
	return h.approveFactorRemoval(c, true)
}

func (h *Handlers) approveFactorRemoval(c echo.Context, staff bool) error {
	id, err := h.helped(c, staff)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	request := f.ID("request")
	err = identity.ApproveFactorRemoval(c.Request().Context(), h.Mail, web.Caller(c), id, request, web.Now(c))
	if errors.Is(err, identity.ErrNotFound) {
		return h.removalEnded(c, id, request)
	}
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
	request := f.ID("request")
	err = identity.WithdrawFactorRemoval(c.Request().Context(), h.Mail, web.Caller(c), id, request, web.Now(c))
	if errors.Is(err, identity.ErrNotFound) {
		return h.removalEnded(c, id, request)
	}
	return h.done(c, id, "The request is withdrawn, and they are told. Nothing was removed.", err)
}

// done goes back to the page of a person after something was done about their factors; what came too late is told
// there.
func (h *Handlers) done(c echo.Context, id uuid.UUID, said string, err error) error {
	late := ""
	switch {
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
		return h.person(c, http.StatusConflict, id, view.SeeForm{}, view.FactorRemovalForm{}, "")
	}
	web.Flash(c, ui.Notice{Text: said, Done: true})
	return web.Redirect(c, personPath(id))
}

// removalEnded shows the page of a person whose removal waits no longer, and says who ended it.
func (h *Handlers) removalEnded(c echo.Context, id, request uuid.UUID) error {
	ended, err := h.Gateway.Identity(web.PublicScope(c)).FactorRemovalEnding(c.Request().Context(), request, id)
	said := "This request has run out. Nothing was done now."
	switch {
	case err == nil && ended.Withdrawn:
		said = ended.Name + " has withdrawn this request. Nothing was done now."
	case err == nil:
		said = ended.Name + " has approved this request already. Nothing was done now."
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	web.Flash(c, ui.Notice{Text: said, Warn: true})
	return h.person(c, http.StatusConflict, id, view.SeeForm{}, view.FactorRemovalForm{}, "")
}

// approvers are those who may approve a removal that somebody else asked for.
func approvers(ofStaff bool) string {
	if ofStaff {
		return "another administrator"
	}
	return "somebody else in support"
}

// offerRemoval adds whether two are needed to remove somebody's factors, and the request that waits for the second: to
// approve for whoever else may, to withdraw for everybody who sees it.
func (h *Handlers) offerRemoval(c echo.Context, p *view.PersonPage, id uuid.UUID, staff bool) error {
	row, err := h.Gateway.Identity(web.PublicScope(c)).FactorRemoval(c.Request().Context(), id, web.Now(c))
	if err != nil {
		return err
	}
	if p.Factor != nil {
		p.Factor.TakesTwo, p.Factor.Lasts = row.TakesTwo, civil.Duration(identity.FactorRemovalLife)
	}
	if row.ID != nil {
		me, _ := web.Account(c)
		p.Removal = &view.FactorRemovalRequest{ID: row.ID.String(), By: row.Requester, Reason: row.Reason,
			Until: h.when(*row.ExpiresAt), Withdrawal: personPath(id) + "/second-factor-removal/withdrawal",
			Who: approvers(staff)}
		if p.Factor != nil && *row.RequestedBy != me.ID {
			p.Removal.Approval = p.Factor.Action + "/approval"
			waits, err := h.waits(c, []uuid.UUID{*row.ID})
			if err != nil {
				return err
			}
			p.Removal.Wait = waits[*row.ID]
		}
	}
	return nil
}
