package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/policy"
	"kindward/static"
	"kindward/views/layout"
)

var errSecret = errors.New(`column "ssn" of Maya Okafor, born 1988`)

// table has one of each kind of answer.
func table() (all []web.Route) {
	page, entry := web.DefaultOptions, web.DefaultOptions
	page.Return, entry.Return = web.ReturnAfterward, web.ReturnFromTheme
	file := web.RouteOptions{NoSession: true}
	client := web.RouteOptions{NoSession: true, Errors: web.ErrorProblem}
	add := func(method, path string, o web.RouteOptions, handler echo.HandlerFunc) {
		all = append(all, web.Route{method, path, path, handler, policy.Anyone, o})
	}
	add("GET", "/static/*", file, echo.WrapHandler(static.Handler()))
	add("GET", "/healthz", file, web.Health)
	add("GET", "/readyz", file, web.Ready)
	add("POST", "/theme", web.DefaultOptions, web.UpdateTheme)
	add("GET", "/", page, show)
	add("GET", "/search", page, show)
	add("GET", "/account/:page", page, show)
	add("GET", "/places/:place/holds/:hold", page, show)
	add("GET", "/sign-in", entry, show)
	add("GET", "/places/:place", page, showPlace)
	add("GET", "/bookings", page, showBookings)
	add("POST", "/bookings/:id", web.DefaultOptions, postBooking)
	add("POST", "/sign-out", web.DefaultOptions, leave)
	add("POST", "/holds/:place", web.DefaultOptions, hold)
	add("POST", "/echo", web.DefaultOptions, repeat)
	add("POST", "/upload", web.RouteOptions{BodyLimit: 1 << 20, Accepts: []string{"application/pdf"}}, upload)
	add("GET", "/api/v1/fault", client, func(echo.Context) error { return errSecret })
	add("GET", "/panic", page, func(echo.Context) error { panic(errSecret) })
	add("GET", "/fault", page, func(echo.Context) error { return errSecret })
	add("GET", "/gone", page, func(echo.Context) error { return fmt.Errorf("%w: %w", errSecret, web.ErrGone) })
	add("GET", "/busy", page, func(echo.Context) error { return fmt.Errorf("%w: %w", errSecret, web.ErrUnavailable) })
	add("GET", "/often", page, func(echo.Context) error { return web.TooMany(90 * time.Second) })
	add("POST", "/sent", page, show)
	add("GET", "/wrong", page,
		func(c echo.Context) error { return web.Render(c, http.StatusUnprocessableEntity, sample(c), "part") })
	add("GET", "/empty", page,
		func(c echo.Context) error { return web.Render(c, http.StatusOK, sample(c), "no such part") })
	return all
}

func showPlace(c echo.Context) error {
	if _, err := web.FindOrganization(c); err != nil {
		return err
	}
	return show(c)
}

func showBookings(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	return c.String(http.StatusOK, "signed in as "+who.Email)
}

func postBooking(c echo.Context) error {
	if _, err := web.ID(c, "id"); err != nil {
		return err
	}
	_, err := web.RequireAccount(c)
	return err
}

func leave(c echo.Context) error {
	if err := web.SignOut(c); err != nil {
		return err
	}
	return web.Redirect(c, "/")
}

func repeat(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return c.String(http.StatusOK, f.Raw("text"))
}

func upload(c echo.Context) error {
	raw, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	return c.String(http.StatusOK, strconv.Itoa(len(raw)))
}

// sample is a page with one part.
func sample(c echo.Context) templ.Component {
	part := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<p id="part">the part</p>`)
		return err
	})
	inner := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, "<h1>the whole</h1>"); err != nil {
			return err
		}
		return templ.Fragment("part").Render(templ.WithChildren(ctx, part), w)
	})
	page := web.Page(c, "Sample")
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return layout.Base(page).Render(templ.WithChildren(ctx, inner), w)
	})
}

func show(c echo.Context) error { return web.Render(c, http.StatusOK, sample(c), "part") }

// holderSlot and stepSlot are slots of the two kinds: one is kept when a visitor signs in, the other is not.
var (
	holderSlot = web.NewSlot[uuid.UUID]("test holder", web.KeptAtSignIn)
	stepSlot   = web.NewSlot[string]("test step", web.UntilSignIn)
)

// hold answers with who this visitor is, an id that it makes when there is none.
func hold(c echo.Context) error {
	who, known := holderSlot.Get(c)
	if !known {
		who = uuid.New()
		if err := holderSlot.Set(c, who); err != nil {
			return err
		}
	}
	return web.Send(c, http.StatusOK, "text/plain", []byte(who.String()))
}

func TestOnlyFormsAreReadAsForms(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	if res := b.Do("POST", "/echo", url.Values{"text": {"a & b"}}); res.Body != "a & b" {
		t.Error(res.Body)
	}
	if res := b.Do("POST", "/echo?text=query", nil); res.Body != "" {
		t.Error("a field came from the address:", res.Body)
	}
	for _, kind := range []string{"application/json", "multipart/form-data; boundary=x", "text/plain"} {
		if res := b.Do("POST", "/echo", url.Values{"text": {"x"}}, "Content-Type",
			kind); res.Status != http.StatusUnsupportedMediaType {
			t.Error(kind, res.Status)
		}
	}
	r := httptest.NewRequest("POST", "/echo", strings.NewReader("text=%zz"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	site.Echo.ServeHTTP(w, r)
	if w.Code != http.StatusUnprocessableEntity {
		t.Error(w.Code)
	}
}
