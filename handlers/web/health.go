package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Health tells that the process answers. It asks nobody, so that a lost database does not restart it.
func Health(c echo.Context) error { return sendText(c, http.StatusOK, "ok\n") }

// Ready tells whether new visitors should be sent here.
func Ready(c echo.Context) error {
	s := SiteOf(c)
	ctx, cancel := context.WithTimeout(c.Request().Context(), time.Second)
	defer cancel()
	err := s.Gateway.Ping(ctx)
	if err == nil {
		err = s.Keys.Stale()
	}
	if err == nil && s.draining.Load() {
		err = errors.New("draining")
	}
	if err == nil && s.Ready != nil {
		err = s.Ready(ctx)
	}
	if err != nil {
		stateOf(c).cause = fmt.Errorf("not ready: %w", err)
		return sendText(c, http.StatusServiceUnavailable, "not ready\n")
	}
	return sendText(c, http.StatusOK, "ready\n")
}

func sendText(c echo.Context, status int, word string) error {
	NoStore(c)
	return Send(c, status, "text/plain; charset=utf-8", []byte(word))
}
