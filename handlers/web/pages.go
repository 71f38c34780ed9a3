package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/views/layout"
)

// UpdateTheme keeps the colors that a visitor likes and returns to the page.
func UpdateTheme(c echo.Context) error {
	f, err := ReadForm(c)
	if err != nil {
		return err
	}
	p := Prefer(c)
	p.Theme = layout.ParseTheme(f.Raw("theme"))
	SetPreferences(c, p)
	return Redirect(c, cmp.Or(themeReturn(f.Raw("return")), "/"))
}

// Health says that the process answers. It asks nobody, so that a lost database does not restart it.
func Health(c echo.Context) error { return writeText(c, http.StatusOK, "ok\n") }

// Ready says whether new visitors should be sent here.
func Ready(c echo.Context) error {
	s := SiteOf(c)
	ctx, cancel := context.WithTimeout(c.Request().Context(), time.Second)
	defer cancel()
	err := s.Gateway.Ping(ctx)
	if err == nil && s.draining.Load() {
		err = errors.New("draining")
	}
	if err == nil && s.Ready != nil {
		err = s.Ready(ctx)
	}
	if err != nil {
		visitOf(c).cause = fmt.Errorf("not ready: %w", err)
		return writeText(c, http.StatusServiceUnavailable, "not ready\n")
	}
	return writeText(c, http.StatusOK, "ready\n")
}

func writeText(c echo.Context, status int, word string) error {
	NoStore(c)
	return Send(c, status, "text/plain; charset=utf-8", []byte(word))
}
