package join

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/kyc"
	"kindward/internal/onboarding"
)

// CreateIdentityHint is where whoever verifies identities says that something happened: 200 for what it has signed and
// we have kept, 401 for what it has not, and never a word about why (A27).
func (h *Handlers) CreateIdentityHint(c echo.Context) error {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	hint, err := kyc.ReadHint(h.IdentitySecrets, c.Request().Header.Get("Stripe-Signature"), body, web.Now(c))
	if errors.Is(err, kyc.ErrSignature) {
		return c.NoContent(http.StatusUnauthorized)
	}
	if err == nil {
		err = onboarding.Hurry(c.Request().Context(), h.Gateway, web.Caller(c), hint, web.Now(c))
		if err != nil {
			return err
		}
	}
	return c.NoContent(http.StatusOK)
}
