package web_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/views/ui"
)

func cookieRoutes(e *echo.Echo) {
	e.POST("/done", func(c echo.Context) error {
		web.Flash(c, ui.Notice{Text: "It is done.", Done: true})
		return web.Redirect(c, "/")
	})
	for path, name := range map[string]string{"/draft": "details", "/draft/other": "other"} {
		e.POST(path, func(c echo.Context) error {
			f, err := web.ReadForm(c)
			if err != nil {
				return err
			}
			if !web.KeepDraft(c, name, f.Values("note")) {
				return web.ErrTooLarge
			}
			return web.Redirect(c, path)
		})
		e.GET(path, func(c echo.Context) error {
			return web.Send(c, 200, "text/plain", []byte(web.Draft(c, name).Get("note")))
		})
	}
	e.POST("/near", func(c echo.Context) error {
		p := web.PreferencesOf(c)
		p.Near = "02906"
		web.SetPreferences(c, p)
		return web.Redirect(c, "/")
	})
	e.GET("/near", func(c echo.Context) error { return web.Send(c, 200, "text/plain", []byte(web.PreferencesOf(c).Near)) })
}

func TestANoticeIsShownOnceOnTheNextWholePage(t *testing.T) {
	site := open(t)
	cookieRoutes(site.Echo)
	b := site.Visitor(t)
	b.Do("POST", "/done", nil)
	b.Get("/", "HX-Request", "true")
	b.Get("/nowhere")
	if res := b.Get("/"); !strings.Contains(res.Body, "It is done.") {
		t.Error("not shown")
	}
	if res := b.Get("/"); strings.Contains(res.Body, "It is done.") {
		t.Error("shown twice")
	}
}

func TestChoicesAndDraftsAreKeptSealed(t *testing.T) {
	site := open(t)
	cookieRoutes(site.Echo)
	b := site.Visitor(t)
	b.Do("POST", "/theme", url.Values{"theme": {"dark"}})
	b.Do("POST", "/near", nil)
	b.Do("POST", "/draft", url.Values{"note": {"needle phobia"}})
	if b.Get("/near").Body != "02906" || b.Get("/draft").Body != "needle phobia" ||
		!strings.Contains(b.Get("/").Body, `data-theme="dark"`) {
		t.Error("something was forgotten")
	}
	if res := b.Do("POST", "/draft",
		url.Values{"note": {strings.Repeat("x", 3000)}}); res.Status != http.StatusRequestEntityTooLarge {
		t.Error("a draft larger than a cookie:", res.Status)
	}
	if b.Get("/draft").Body != "needle phobia" {
		t.Error("the draft before is lost")
	}
	b.Do("POST", "/draft", url.Values{"note": {"a=b&c+d;e%20 你 \"ü\"\r\nx"}})
	if got := b.Get("/draft").Body; got != "a=b&c+d;e%20 你 \"ü\"\r\nx" {
		t.Errorf("%q came back", got)
	}
	b.Do("POST", "/draft", url.Values{"note": {"needle phobia"}})
	for _, name := range []string{"kindward-preferences", "kindward-transient"} {
		if value := b.Cookie(name); value == "" || len(value) > 4000 {
			t.Errorf("%s has %d bytes", name, len(value))
		}
		b.SetCookie(name, b.Cookie(name)[:40]+"x"+b.Cookie(name)[41:])
	}
	if b.Get("/near").Body != "" || b.Get("/draft").Body != "" {
		t.Error("a forged cookie was believed")
	}
}

// What is typed and what is said share one cookie, which is refused as a whole when it is too long.
func TestNoticesAndDraftsOfAnyLengthNeverOverflowTheirCookie(t *testing.T) {
	site := open(t)
	cookieRoutes(site.Echo)
	for _, unit := range []string{"x", "ж", "你", "\"", "&", "\x01", "😀"} {
		kept := 0
		for size := 100; size <= 2000; size += 190 {
			b := site.Visitor(t)
			b.Do("POST", "/draft/other", url.Values{"note": {strings.Repeat(unit, size/2)}})
			res := b.Do("POST", "/draft", url.Values{"note": {strings.Repeat(unit, size/len(unit))}})
			if res.Status == http.StatusSeeOther {
				kept++
			}
			for range 15 {
				if res := b.Do("POST", "/done", nil); res.Status != http.StatusSeeOther {
					t.Fatalf("%d bytes of %q: a notice is answered by %d", size, unit, res.Status)
				}
			}
			if res.Status == http.StatusSeeOther && b.Get("/draft").Body == "" {
				t.Errorf("%d bytes of %q were said to be kept", size, unit)
			}
			if !strings.Contains(b.Get("/").Body, "It is done.") {
				t.Errorf("%d bytes of %q keep a notice from being said", size, unit)
			}
		}
		if kept == 0 {
			t.Errorf("nothing of %q is kept", unit)
		}
	}
}

func TestWhatIsTypedTakesTheRoomOfAnotherFormAndSaysSo(t *testing.T) {
	site := open(t)
	cookieRoutes(site.Echo)
	b := site.Visitor(t)
	b.Do("POST", "/draft/other", url.Values{"note": {strings.Repeat("x", 900)}})
	b.Do("POST", "/draft", url.Values{"note": {strings.Repeat("y", 900)}})
	if len(b.Get("/draft").Body) != 900 || b.Get("/draft/other").Body != "" {
		t.Error("the older one stayed, or the newer one did not")
	}
	if !strings.Contains(b.Get("/").Body, "into another form before is not kept any more") {
		t.Error("it is not said")
	}
}

func TestSigningOutForgetsWhatWasTyped(t *testing.T) {
	site := open(t)
	cookieRoutes(site.Echo)
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	b.Do("POST", "/draft", url.Values{"note": {"needle phobia"}})
	b.Do("POST", "/near", nil)
	b.Do("POST", "/sign-out", nil)
	if b.Get("/draft").Body != "" || b.Get("/near").Body != "02906" {
		t.Error("the draft stayed, or the preferences did not")
	}
}

func TestTheThemeReturnsOnlyToOurOwnPages(t *testing.T) {
	site := open(t)
	for back, want := range map[string]string{"/search?near=02906": "/search?near=02906",
		"/sign-in?next=%2Fbookings": "/sign-in?next=%2Fbookings",
		"//evil.example":            "/", "https://evil.example": "/", "": "/"} {
		res := site.Visitor(t).Do("POST", "/theme", url.Values{"theme": {"light"}, "return": {back}})
		if res.Status != http.StatusSeeOther || res.Header.Get("Location") != want {
			t.Errorf("%q leads to %q", back, res.Header.Get("Location"))
		}
	}
}

func TestCookiesOutliveOneRotationOfTheKeys(t *testing.T) {
	ring, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	site := openIn(t, pgtest.Open(t), func(s *web.Site) { s.Keys = ring })
	cookieRoutes(site.Echo)
	b := site.Visitor(t)
	b.Do("POST", "/near", nil)
	first := b.Cookie("kindward-preferences")
	rotate := func() {
		if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	rotate()
	if b.Get("/near").Body != "02906" {
		t.Error("forgotten after the first rotation")
	}
	b.Do("POST", "/theme", url.Values{"theme": {"dark"}})
	rotate()
	if b.Get("/near").Body != "02906" {
		t.Error("a cookie of the key before is forgotten")
	}
	b.SetCookie("kindward-preferences", first)
	if b.Get("/near").Body != "" {
		t.Error("a cookie of a key long gone is believed")
	}
}

// The cookie is sealed with our own keys here, as if they had leaked: even then it makes nobody an account.
func TestNoIdentityIsReadFromTheClientsCookies(t *testing.T) {
	site := open(t)
	a, victim := maya(t, site), site.Visitor(t)
	victim.SignInAs(a, 1)
	holder := victim.Do("POST", "/holds/one", nil).Body
	b := site.Visitor(t)
	for _, store := range site.Web.CookieStores() {
		for _, name := range []string{"kindward-preferences", "kindward-transient", "kindward"} {
			r, _ := http.NewRequest("GET", site.URL, nil)
			forged, _ := store.New(r, name)
			for _, key := range []string{"account", "account_id", "content", "holder", "user", "id", "email", "session"} {
				forged.Values[key] = a.ID.String()
			}
			forged.Values["holder"], forged.Values["email"] = holder, a.Email
			w := &headerOnly{http.Header{}}
			if err := store.Save(r, w, forged); err != nil {
				t.Fatal(err)
			}
			c, err := http.ParseSetCookie(w.header.Get("Set-Cookie"))
			if err != nil {
				t.Fatal(err)
			}
			b.SetCookie(name, c.Value)
		}
		if res := b.Get("/bookings"); res.Status != http.StatusSeeOther {
			t.Error("signed in by a cookie:", res.Body)
		}
		if strings.Contains(b.Get("/").Body, "Maya") {
			t.Error("the page knows the name")
		}
		if b.Do("POST", "/holds/one", nil).Body == holder {
			t.Error("the holder came from a cookie")
		}
	}
}

type headerOnly struct{ header http.Header }

func (w *headerOnly) Header() http.Header         { return w.header }
func (w *headerOnly) Write(p []byte) (int, error) { return len(p), nil }
func (w *headerOnly) WriteHeader(int)             {}
