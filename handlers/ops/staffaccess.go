package ops

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/views/layout"
)

// staffAccessSlot is the row of directory.staff_access under which this session runs. The row decides what it opens,
// and for how long.
var staffAccessSlot = web.NewSlot[uuid.UUID]("staff_access", web.UntilSignIn)

// BeginStaffAccess lets this session run under a row of directory.staff_access. The session's token changes.
func BeginStaffAccess(c echo.Context, id uuid.UUID) error {
	if err := web.RenewToken(c); err != nil {
		return err
	}
	return staffAccessSlot.Set(c, id)
}

// leaveStaffAccess gives the session back to the staff member; ending the row is the caller's.
func leaveStaffAccess(c echo.Context) error {
	if err := web.RenewToken(c); err != nil {
		return err
	}
	return staffAccessSlot.Clear(c)
}

// FindStaffAccess asks the database on every request whether what began in this session still runs.
func (h *Handlers) FindStaffAccess(c echo.Context) (a web.StaffAccess, runs bool, err error) {
	id, begun := staffAccessSlot.Get(c)
	if !begun {
		return a, false, nil
	}
	me, now := web.Caller(c).Subject, web.Now(c)
	row, err := h.Gateway.Identity(web.PublicScope(c)).ActiveStaffAccess(c.Request().Context(), id, me, now)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, false, staffAccessSlot.Clear(c)
	}
	if err != nil {
		return a, false, err
	}
	a = web.StaffAccess{ID: row.ID, MayChange: row.MayChange, Banner: banner(row, now)}
	if row.TenantID != nil {
		a.Organization = *row.TenantID
	}
	if row.PersonID != nil {
		a.Person = identity.Account{ID: *row.PersonID, Email: row.Email, Name: row.Name,
			Phone: row.Phone, Born: row.Born}
	}
	return a, true, nil
}

// banner is what every page shows meanwhile.
func banner(row shareddb.ActiveStaffAccessRow, now time.Time) layout.StaffAccess {
	b := layout.StaffAccess{Text: "You see the site as " + row.Name + " and change nothing.", Left: "1 minute"}
	if row.MayChange {
		b.Text = "You act for " + row.Name + "."
	}
	if row.Kind == tenancy.EmergencyAccess {
		b.Text = "You have opened an organization's records in an emergency."
	}
	if minutes := int(math.Ceil(row.ExpiresAt.Sub(now).Minutes())); minutes > 1 {
		b.Left = fmt.Sprintf("%d minutes", minutes)
	}
	return b
}
