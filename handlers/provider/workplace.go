package provider

import (
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
)

// workplaceSlot is the organization at which somebody worked last in this session, by its word in addresses.
var workplaceSlot = web.NewSlot[string]("workplace", web.KeptAtSignIn)

// EnterWorkplace keeps at which organization somebody works now. The session's token changes: what can be done with it
// changes too.
func EnterWorkplace(c echo.Context, organization string) error {
	if err := web.RenewToken(c); err != nil {
		return err
	}
	return workplaceSlot.Set(c, organization)
}

// lastWorkplace is "" where somebody has not worked in this session yet.
func lastWorkplace(c echo.Context) string {
	last, _ := workplaceSlot.Get(c)
	return last
}
