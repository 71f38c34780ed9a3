package account

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
)

// CreateSSOLogout is where an organization's provider says that somebody has signed out there (OpenID Connect
// Back-Channel Logout 1.0): 200 when what it let in has ended, 400 when nothing was done.
func (h Handlers) CreateSSOLogout(c echo.Context) error {
	organization, err := h.ssoOrganization(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	client := h.SSO
	client.Limiter = web.AttemptLimiter(c)
	err = identity.LogOutBySSO(c.Request().Context(), web.SiteOf(c).Gateway.Identity(web.Scope(c, organization)), client,
		web.Caller(c).IP, organization, f.Raw("logout_token"), web.Now(c))
	if many, ok := errors.AsType[*identity.TooManyError](err); ok {
		return web.TooMany(many.After)
	}
	if errors.Is(err, identity.ErrLogout) || errors.Is(err, identity.ErrNotAnswer) {
		return web.Send(c, http.StatusBadRequest, echo.MIMEApplicationJSON, []byte(`{"error":"invalid_request"}`))
	}
	if err != nil {
		return err
	}
	return web.Send(c, http.StatusOK, echo.MIMEApplicationJSON, []byte(`{}`))
}
