package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kindward/internal/civil"
	"kindward/views/layout"
)

const htmlType = "text/html; charset=utf-8"

// Partial tells whether the answer is a part that htmx puts into the page it has.
func Partial(c echo.Context) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Boosted") != "true" &&
		h.Get("HX-History-Restore-Request") != "true"
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render answers with a page, or for htmx with its fragment of this name; an empty name always means the page.
// Everything is rendered before anything is sent, so a view that fails is an error page and never half a page.
func Render(c echo.Context, status int, page templ.Component, fragment string) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	c.Response().Header().Add(echo.HeaderVary, "HX-Request")
	if err := stateOf(c).settleTyped(c, status >= http.StatusBadRequest); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if fragment == "" || !Partial(c) {
		if err := page.Render(ctx, b); err != nil {
			return fmt.Errorf("page: %w", err)
		}
		return Send(c, status, htmlType, stateOf(c).withhold(stateOf(c).refill(c, status, b.Bytes())))
	}
	if err := templ.RenderFragments(ctx, b, page, parts(c, status, fragment)...); err != nil {
		return fmt.Errorf("fragment %q: %w", fragment, err)
	}
	if part := bytes.TrimSpace(b.Bytes()); len(part) == 0 || bytes.HasSuffix(part, []byte("</title>")) {
		return fmt.Errorf("the page has no fragment %q", fragment)
	}
	return Send(c, status, htmlType, stateOf(c).withhold(b.Bytes()))
}

// parts are the fragment and, where it belongs to the page that the visitor stands on, the title: "Error: " comes and
// goes with what is wrong. So it is with the answer to whatever was sent, also where a form is sent to another address
// than that of its page. A part of another page that was only read, such as the times of one result, leaves the title
// alone.
func parts(c echo.Context, status int, fragment string) []any {
	here, err := url.Parse(c.Request().Header.Get("HX-Current-URL"))
	if status >= 400 || !safe(c.Request().Method) || err == nil && here.Path == c.Request().URL.Path {
		return []any{layout.Title, fragment}
	}
	return []any{fragment}
}

// Send answers with a body that is complete: session and cookies first, compressed where that helps.
func Send(c echo.Context, status int, contentType string, body []byte) error {
	state := stateOf(c)
	if err := state.commitSession(c); err != nil {
		return fmt.Errorf("session not kept: %w: %w", err, ErrUnavailable)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	if state.noStore || state.account.ID != [16]byte{} {
		h.Set(echo.HeaderCacheControl, "no-store")
	}
	return compress(c, status, contentType, body)
}

// NoStore keeps a personal page out of every cache, the browser's included.
func NoStore(c echo.Context) { stateOf(c).noStore = true }

// Redirect sends the visitor to another page after something was done.
func Redirect(c echo.Context, path string) error {
	if err := stateOf(c).settleTyped(c, false); err != nil {
		return err
	}
	if err := stateOf(c).commitSession(c); err != nil {
		return fmt.Errorf("session not kept: %w: %w", err, ErrUnavailable)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Add(echo.HeaderVary, "HX-Request")
	if Partial(c) { // a 303 would be followed by the script, and the next page put into a part of this one
		h.Set("HX-Redirect", path)
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

// Page fills in what the frame of every page shows. A whole page takes the notices that wait.
func Page(c echo.Context, title string) layout.Page {
	p := layout.Page{Title: title, Theme: PreferencesOf(c).Theme, Account: stateOf(c).account.Name}
	if uri := c.Request().URL.RequestURI(); safe(c.Request().Method) {
		s := SiteOf(c)
		p.Path, p.SignIn = s.themeReturn(uri), SignInPath(s.returnTo(uri, ReturnAfterward))
	} else { // the page that answers a form has no address of its own
		p.Path = SentFrom(c, openedPage(c))
		p.SignIn = SignInPath(openedPage(c))
	}
	if !Partial(c) {
		p.Flash = takeNotices(c)
	}
	if a, ok := StaffAccessOf(c); ok {
		p.StaffAccess = &a.Banner
	}
	p.SignOff = stateOf(c).signOff(c)
	return p
}

// OnPaper is what a page says on top of its print: whose it is, and when it was read, in a zone.
func OnPaper(c echo.Context, whose string, zone *time.Location) layout.Paper {
	at := Now(c).In(zone)
	p := layout.Paper{Whose: whose, AsOf: civil.Dated(at) + " " + civil.ZoneName(at)}
	if zone != time.UTC {
		p.Zone = zone.String()
	}
	return p
}
