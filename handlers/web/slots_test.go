package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
)

// slotRoutes fill and read the slots of the two kinds.
func slotRoutes(site *webtest.Site) {
	site.Echo.POST("/step/:word", func(c echo.Context) error {
		if err := stepSlot.Set(c, c.Param("word")); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	site.Echo.POST("/step", func(c echo.Context) error {
		if err := stepSlot.Clear(c); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	site.Echo.GET("/slots", func(c echo.Context) error {
		who, held := holderSlot.Get(c)
		step, waits := stepSlot.Get(c)
		if held != (who != uuid.Nil) || waits != (step != "") {
			t := "a slot that is empty has a value"
			return c.String(http.StatusOK, t)
		}
		return c.String(http.StatusOK, who.String()+" "+step)
	})
}

func TestASlotIsKeptUntilItsLifeEnds(t *testing.T) {
	site := open(t)
	slotRoutes(site)
	b := site.Visitor(t)
	who := b.Do("POST", "/holds/one", nil).Body
	b.Do("POST", "/step/first", nil)
	if got := b.Get("/slots").Body; got != who+" first" {
		t.Fatal(got)
	}
	b.SignInAs(maya(t, site), 1)
	if got := b.Get("/slots").Body; got != who+" " {
		t.Error("after signing in:", got)
	}
	b.Do("POST", "/step/second", nil)
	if got := b.Get("/slots").Body; got != who+" second" {
		t.Error("the control, a step of somebody signed in:", got)
	}
	b.Do("POST", "/step", nil)
	if got := b.Get("/slots").Body; got != who+" " {
		t.Error("after it was emptied:", got)
	}
	b.SignInAs(maya(t, site), 1)
	if got := b.Get("/slots").Body; got != uuid.Nil.String()+" " {
		t.Error("A17: another account has", got)
	}
	b.Do("POST", "/holds/one", nil)
	b.Do("POST", "/step/third", nil)
	b.Do("POST", "/sign-out", nil)
	if got := b.Get("/slots").Body; got != uuid.Nil.String()+" " {
		t.Error("after signing out:", got)
	}
}

func TestWhatASessionHoldsAndNobodyCanReadIsEmptyAndNoError(t *testing.T) {
	site := open(t)
	slotRoutes(site)
	b := site.Visitor(t)
	who := b.Do("POST", "/holds/one", nil).Body
	b.Do("POST", "/step/first", nil)
	change := func(sql string) {
		t.Helper()
		token := web.HashToken(b.Cookie("kindward"))
		site.Admin(t, "update directory.session set data = convert_to(("+sql+")::text, 'UTF8') where token = $1", token)
		if err := webtest.VouchForSession(t.Context(), site.Connect(t, site.AdminURL()), site.Keys, token); err != nil {
			t.Fatal(err)
		}
	}
	const data = "convert_from(data, 'UTF8')::jsonb"
	change(`jsonb_set(` + data + `, '{slots,test step}', '{"another": "form"}')`)
	change(`jsonb_set(` + data + `, '{slots,of a feature that is gone}', '[1]')`)
	change(data + ` || '{"holds": [{"place": "a session of before"}], "pending": 7}'`)
	if res := b.Get("/slots"); res.Status != http.StatusOK || res.Body != who+" " {
		t.Error(res.Status, res.Body)
	}
	b.Do("POST", "/step/second", nil)
	var kept string
	if err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
		"select convert_from(data, 'UTF8') from directory.session where token = $1",
		web.HashToken(b.Cookie("kindward"))).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept, "gone") || strings.Contains(kept, "before") || !strings.Contains(kept, "second") ||
		!strings.Contains(kept, who) {
		t.Error(kept)
	}
	for _, form := range []string{`'{"slots": []}'::jsonb`, `'[]'::jsonb`, `'{"account": 7}'::jsonb`} {
		change(form)
		if res := b.Get("/slots"); res.Status != http.StatusOK || res.Body != uuid.Nil.String()+" " {
			t.Error(form, res.Status, res.Body)
		}
		b = site.Visitor(t)
		b.Do("POST", "/holds/one", nil)
	}
}

func TestTwoSlotsOfOneNameAreRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a second slot with the name of the first")
		}
	}()
	web.NewSlot[int]("test holder", web.KeptAtSignIn)
}
