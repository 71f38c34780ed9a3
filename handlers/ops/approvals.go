package ops

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
)

// waits says what keeps whoever looks from approving or reviewing some things yet; nothing where they may.
func (h *Handlers) waits(c echo.Context, about []uuid.UUID) (map[uuid.UUID]string, error) {
	all, err := identity.ApprovableFrom(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)), about...)
	says := map[uuid.UUID]string{}
	for id, from := range all {
		if web.Now(c).Before(from) {
			says[id] = h.newOnStaff(from)
		}
	}
	return says, err
}

// newOnStaff is why something that takes two cannot be done yet.
func (h *Handlers) newOnStaff(from time.Time) string {
	return fmt.Sprintf("You can do this from %s: both of the two that it takes must have been on the staff for %s.",
		h.when(from), civil.Duration(identity.ApproverAge))
}

// ids are those of some rows.
func ids[R any](rows []R, id func(R) uuid.UUID) []uuid.UUID {
	all := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		all[i] = id(r)
	}
	return all
}

// tooNew tells whether one of the two who are needed is too new on the staff.
func tooNew(err error) bool {
	_, is := errors.AsType[*identity.TooNewError](err)
	return is
}
