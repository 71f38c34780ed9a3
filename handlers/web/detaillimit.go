package web

import (
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/internal/civil"
	"kindward/internal/identity"
)

// CountDetailChange counts a change of somebody's details before it is made; often says to whoever has made many when
// they can go on, and the answer's header with it.
func CountDetailChange(c echo.Context) (often string, err error) {
	actor, _ := Actor(c)
	err = identity.CountDetailChange(c.Request().Context(), AttemptLimiter(c), actor.ID)
	many, ok := errors.AsType[*identity.TooManyError](err)
	if !ok {
		return "", err
	}
	RetryAfter(c.Response().Header(), many.After)
	return "You have changed this often. Change it again in " +
		civil.Duration((many.After + time.Minute - 1).Truncate(time.Minute)), nil
}
