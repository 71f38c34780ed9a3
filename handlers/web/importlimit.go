package web

import (
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/tenancy"
)

// filesRead are how many files are read for an organization: each takes seconds, and its rows are kept.
var filesRead = identity.AttemptLimit{Name: "imports read", Attempts: 30, Window: time.Hour,
	Windows: identity.Sliding}

// MayImport tells whether one more file is read for an organization now, and counts it.
func MayImport(c echo.Context, organization tenancy.Tenant) (bool, error) {
	_, err := AttemptLimiter(c).Reserve(c.Request().Context(), filesRead.For(organization.ID.String()))
	if _, often := errors.AsType[*identity.TooManyError](err); often {
		return false, nil
	}
	return err == nil, err
}
