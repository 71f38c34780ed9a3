package web

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/views/ui"
)

func cookieRoutes(e *echo.Echo) {
	e.POST("/done", func(c echo.Context) error {
		Flash(c, ui.Notice{Text: "It is done.", Done: true})
		return Redirect(c, "/")
	})
	e.POST("/draft", func(c echo.Context) error {
		f, err := ReadForm(c)
		if err != nil {
			return err
		}
		if !KeepDraft(c, "details", f.Values("note")) {
			return ErrTooLarge
		}
		return Redirect(c, "/draft")
	})
	e.GET("/draft", func(c echo.Context) error { return Send(c, 200, "text/plain", []byte(Draft(c, "details").Get("note"))) })
	e.POST("/near", func(c echo.Context) error {
		p := PreferencesOf(c)
		p.Near = "02906"
		SetPreferences(c, p)
		return Redirect(c, "/")
	})
	e.GET("/near", func(c echo.Context) error { return Send(c, 200, "text/plain", []byte(PreferencesOf(c).Near)) })
}

func TestANoticeIsShownOnceOnTheNextWholePage(t *testing.T) {
	h := open(t)
	cookieRoutes(h.echo)
	b := h.browser(t)
	b.post("/done", nil)
	b.get("/", "HX-Request", "true")
	b.get("/nowhere")
	if res := b.get("/"); !strings.Contains(res.body, "It is done.") {
		t.Error("not shown")
	}
	if res := b.get("/"); strings.Contains(res.body, "It is done.") {
		t.Error("shown twice")
	}
}

func TestChoicesAndDraftsAreKeptSealed(t *testing.T) {
	h := open(t)
	cookieRoutes(h.echo)
	b := h.browser(t)
	b.post("/theme", url.Values{"theme": {"dark"}})
	b.post("/near", nil)
	b.post("/draft", url.Values{"note": {"needle phobia"}})
	if b.get("/near").body != "02906" || b.get("/draft").body != "needle phobia" || !strings.Contains(b.get("/").body, `data-theme="dark"`) {
		t.Error("something was forgotten")
	}
	if res := b.post("/draft", url.Values{"note": {strings.Repeat("x", 3000)}}); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error("a draft larger than a cookie:", res.StatusCode)
	}
	if b.get("/draft").body != "needle phobia" {
		t.Error("the draft before is lost")
	}
	for _, name := range []string{"kindward-preferences", "kindward-transient"} {
		if value := b.cookie(name); value == "" || len(value) > 4000 {
			t.Errorf("%s has %d bytes", name, len(value))
		}
		b.setCookie(name, b.cookie(name)[:40]+"x"+b.cookie(name)[41:])
	}
	if b.get("/near").body != "" || b.get("/draft").body != "" {
		t.Error("a forged cookie was believed")
	}
}

func TestSigningOutForgetsWhatWasTyped(t *testing.T) {
	h := open(t)
	cookieRoutes(h.echo)
	b := h.browser(t)
	b.become(h.person(t))
	b.post("/draft", url.Values{"note": {"needle phobia"}})
	b.post("/near", nil)
	b.post("/sign-out", nil)
	if b.get("/draft").body != "" || b.get("/near").body != "02906" {
		t.Error("the draft stayed, or the preferences did not")
	}
}

func TestTheThemeReturnsOnlyToOurOwnPages(t *testing.T) {
	h := open(t)
	for back, want := range map[string]string{"/search?near=02906": "/search?near=02906", "/sign-in?next=%2Fbookings": "/sign-in?next=%2Fbookings",
		"//evil.example": "/", "https://evil.example": "/", "": "/"} {
		res := h.browser(t).post("/theme", url.Values{"theme": {"light"}, "return": {back}})
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != want {
			t.Errorf("%q leads to %q", back, res.Header.Get("Location"))
		}
	}
}

func TestCookiesOutliveOneRotationOfTheKeys(t *testing.T) {
	ring, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	h := openIn(t, pgtest.Open(t), func(s *Site) { s.Keys = ring })
	cookieRoutes(h.echo)
	b := h.browser(t)
	b.post("/near", nil)
	first := b.cookie("kindward-preferences")
	rotate := func() {
		if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	rotate()
	if b.get("/near").body != "02906" {
		t.Error("forgotten after the first rotation")
	}
	b.post("/theme", url.Values{"theme": {"dark"}})
	rotate()
	if b.get("/near").body != "02906" {
		t.Error("a cookie of the key before is forgotten")
	}
	b.setCookie("kindward-preferences", first)
	if b.get("/near").body != "" {
		t.Error("a cookie of a key long gone is believed")
	}
}

// The cookie is sealed with our own keys here, as if they had leaked: even then it makes nobody an account.
func TestNoIdentityIsReadFromTheClientsCookies(t *testing.T) {
	h := open(t)
	a, victim := h.person(t), h.browser(t)
	victim.become(a)
	holder := victim.post("/holds/one", nil).body
	b := h.browser(t)
	for _, store := range func() []*sessions.CookieStore { w, n := h.site.cookies.current(); return []*sessions.CookieStore{w, n} }() {
		for _, name := range []string{"kindward-preferences", "kindward-transient", "kindward"} {
			r, _ := http.NewRequest("GET", h.url, nil)
			forged, _ := store.New(r, name)
			for _, key := range []string{"account", "account_id", "content", "holder", "user", "id", "email", "session"} {
				forged.Values[key] = a.ID.String()
			}
			forged.Values["holder"], forged.Values["email"] = holder, a.Email
			w := &headerOnly{http.Header{}}
			if err := store.Save(r, w, forged); err != nil {
				t.Fatal(err)
			}
			c, err := http.ParseSetCookie(w.h.Get("Set-Cookie"))
			if err != nil {
				t.Fatal(err)
			}
			b.setCookie(name, c.Value)
		}
		if res := b.get("/bookings"); res.StatusCode != http.StatusSeeOther {
			t.Error("signed in by a cookie:", res.body)
		}
		if strings.Contains(b.get("/").body, "Maya") {
			t.Error("the page knows the name")
		}
		if b.post("/holds/one", nil).body == holder {
			t.Error("the holder came from a cookie")
		}
	}
}

type headerOnly struct{ h http.Header }

func (w *headerOnly) Header() http.Header         { return w.h }
func (w *headerOnly) Write(p []byte) (int, error) { return len(p), nil }
func (w *headerOnly) WriteHeader(int)             {}
