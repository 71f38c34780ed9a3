// Package api answers API clients, which carry a key of one organization: JSON, no cookies. All but imports changes
// nothing.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/ratelimit"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

// Handlers are the addresses below /api/v1.
type Handlers struct {
	Gateway *tenancy.Gateway
	Market  *search.Market
	Notify  func() // tells the consumers of events that there are some; nil = nobody does

	once     sync.Once
	requests *ratelimit.Limiter

	drawOnce sync.Once
	drawn    string // the documentation
	drawErr  error
}

// Finder lets keys in: what opens nothing is 401, whatever the reason.
func Finder(keys identity.APIKeys) web.KeyFinder {
	return func(ctx context.Context, scope tenancy.Scope, bearer string) (policy.KeyScopes, error) {
		key, err := keys.Find(ctx, scope, bearer)
		if errors.Is(err, identity.ErrNoKey) {
			err = fmt.Errorf("%w: %w", err, web.ErrUnauthorized)
		}
		return key, err
	}
}

func answer(c echo.Context, body any) error { return answerAs(c, http.StatusOK, body) }

func answerAs(c echo.Context, status int, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return web.Send(c, status, "application/json", append(raw, '\n'))
}

// wrong answers 422 with what is wrong with each parameter.
func wrong(c echo.Context, fields ...web.ProblemField) error {
	raw, err := json.Marshal(web.Problem{Type: "about:blank", Title: http.StatusText(http.StatusUnprocessableEntity),
		Status:   http.StatusUnprocessableEntity,
		Instance: web.Caller(c).RequestID, Errors: fields})
	if err != nil {
		return err
	}
	return web.Send(c, http.StatusUnprocessableEntity, "application/problem+json", append(raw, '\n'))
}

// date reads a parameter as a day, or says what is wrong with it.
func date(c echo.Context, name string, bad *[]web.ProblemField) civil.Date {
	d, err := civil.ParseDate(c.QueryParam(name))
	if err != nil || d.Year < 2000 || d.Year > 2200 {
		*bad = append(*bad, web.ProblemField{Field: name, Detail: "a date like 2026-11-24 is needed"})
	}
	return d
}

// stamp is a time with the offset of its zone, RFC 3339.
func stamp(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.RFC3339) }
