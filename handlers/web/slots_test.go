package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// slotRoutes fill and read the slots of the two kinds.
func slotRoutes(h *house) {
	h.echo.POST("/step/:word", func(c echo.Context) error {
		if err := stepSlot.Set(c, c.Param("word")); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	h.echo.POST("/step", func(c echo.Context) error {
		if err := stepSlot.Clear(c); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	h.echo.GET("/slots", func(c echo.Context) error {
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
	h := open(t)
	slotRoutes(h)
	b := h.browser(t)
	who := b.post("/holds/one", nil).body
	b.post("/step/first", nil)
	if got := b.get("/slots").body; got != who+" first" {
		t.Fatal(got)
	}
	b.become(h.person(t))
	if got := b.get("/slots").body; got != who+" " {
		t.Error("after signing in:", got)
	}
	b.post("/step/second", nil)
	if got := b.get("/slots").body; got != who+" second" {
		t.Error("the control, a step of somebody signed in:", got)
	}
	b.post("/step", nil)
	if got := b.get("/slots").body; got != who+" " {
		t.Error("after it was emptied:", got)
	}
	b.become(h.person(t))
	if got := b.get("/slots").body; got != uuid.Nil.String()+" " {
		t.Error("A17: another account has", got)
	}
	b.post("/holds/one", nil)
	b.post("/step/third", nil)
	b.post("/sign-out", nil)
	if got := b.get("/slots").body; got != uuid.Nil.String()+" " {
		t.Error("after signing out:", got)
	}
}

func TestWhatASessionHoldsAndNobodyCanReadIsEmptyAndNoError(t *testing.T) {
	h := open(t)
	slotRoutes(h)
	b := h.browser(t)
	who := b.post("/holds/one", nil).body
	b.post("/step/first", nil)
	change := func(sql string) {
		t.Helper()
		h.Admin(t, "update directory.session set data = convert_to(("+sql+")::text, 'UTF8') where token = $1", hashToken(b.cookie("kindward")))
	}
	const data = "convert_from(data, 'UTF8')::jsonb"
	change(`jsonb_set(` + data + `, '{slots,test step}', '{"another": "form"}')`)
	change(`jsonb_set(` + data + `, '{slots,of a feature that is gone}', '[1]')`)
	change(data + ` || '{"holds": [{"place": "a session of before"}], "pending": 7}'`)
	if res := b.get("/slots"); res.StatusCode != http.StatusOK || res.body != who+" " {
		t.Error(res.StatusCode, res.body)
	}
	b.post("/step/second", nil)
	var kept string
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), "select convert_from(data, 'UTF8') from directory.session where token = $1", hashToken(b.cookie("kindward"))).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept, "gone") || strings.Contains(kept, "before") || !strings.Contains(kept, "second") || !strings.Contains(kept, who) {
		t.Error(kept)
	}
	for _, form := range []string{`'{"slots": []}'::jsonb`, `'[]'::jsonb`, `'{"account": 7}'::jsonb`} {
		change(form)
		if res := b.get("/slots"); res.StatusCode != http.StatusOK || res.body != uuid.Nil.String()+" " {
			t.Error(form, res.StatusCode, res.body)
		}
		b = h.browser(t)
		b.post("/holds/one", nil)
	}
}

func TestTwoSlotsOfOneNameAreRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a second slot with the name of the first")
		}
	}()
	NewSlot[int]("test holder", KeptAtSignIn)
}
