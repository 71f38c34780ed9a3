package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestLookingAroundWritesNoSession(t *testing.T) {
	h := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	b := h.browser(t)
	for _, path := range []string{"/", "/search?reason=x", "/bookings", "/nowhere", "/fault", "/places/nobody"} {
		if res := b.get(path); len(res.Cookies()) > 0 {
			t.Errorf("%s sets %v", path, res.Cookies())
		}
	}
	b.post("/theme", url.Values{"theme": {"dark"}})
	if n := h.sessions(t); n != 0 {
		t.Errorf("%d sessions", n)
	}
	b.post("/holds/somewhere", nil)
	if n := h.sessions(t); n != 1 {
		t.Errorf("%d sessions after a hold", n)
	}
}

func TestATokenIsKeptAsAHashOnly(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	b.post("/holds/somewhere", nil)
	var clear, hash int
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), "select count(*) filter (where token = $1), count(*) filter (where token = $2) from directory.session",
		b.cookie("kindward"), hashToken(b.cookie("kindward"))).Scan(&clear, &hash)
	if err != nil || clear != 0 || hash != 1 {
		t.Error(clear, hash, err)
	}
}

func TestA17ATokenFromBeforeSigningInIsWorthNothingAfterwards(t *testing.T) {
	h := open(t)
	a := h.person(t)
	t.Run("made up by the attacker", func(t *testing.T) {
		victim, attacker := h.browser(t), h.browser(t)
		victim.setCookie("kindward", "made-up-by-the-attacker")
		attacker.setCookie("kindward", "made-up-by-the-attacker")
		victim.become(a)
		if victim.cookie("kindward") == "made-up-by-the-attacker" {
			t.Error("the token stayed")
		}
		if res := attacker.get("/bookings"); res.StatusCode != http.StatusSeeOther {
			t.Error("the attacker is in")
		}
	})
	t.Run("the attacker's own session", func(t *testing.T) {
		victim, attacker := h.browser(t), h.browser(t)
		attacker.post("/holds/somewhere", nil)
		victim.setCookie("kindward", attacker.cookie("kindward"))
		victim.become(a)
		if res := victim.get("/bookings"); res.StatusCode != http.StatusOK {
			t.Error("the victim is out")
		}
		if res := attacker.get("/bookings"); res.StatusCode != http.StatusSeeOther {
			t.Error("the attacker is in")
		}
	})
}

// slow adds a route that loads its session, waits, and then writes into it.
func slow(h *house) (arrived chan struct{}, goOn chan struct{}) {
	arrived, goOn = make(chan struct{}), make(chan struct{})
	h.echo.POST("/slow", func(c echo.Context) error {
		close(arrived)
		<-goOn
		return hold(c)
	})
	return arrived, goOn
}

// revival signs in, revokes the session while a slow request is under way, and tells whether it opens anything afterwards.
func revival(t *testing.T, h *house, revoke func(b *browser, a identity.Account)) bool {
	t.Helper()
	arrived, goOn := slow(h)
	a := h.person(t)
	b := h.browser(t)
	b.become(a)
	stolen := h.browser(t)
	stolen.setCookie("kindward", b.cookie("kindward"))
	if res := stolen.get("/bookings"); res.StatusCode != http.StatusOK {
		t.Fatal("not even now")
	}
	done := make(chan answer)
	go func() { done <- stolen.post("/slow", nil) }()
	<-arrived
	revoke(b, a)
	close(goOn)
	if res := <-done; res.StatusCode != http.StatusOK {
		t.Fatal("the slow request:", res.StatusCode)
	}
	return stolen.get("/bookings").StatusCode == http.StatusOK
}

func signOut(b *browser, _ identity.Account) { b.post("/sign-out", nil) }

func TestA18ASlowRequestDoesNotReviveASessionThatEndedMeanwhile(t *testing.T) {
	if revival(t, open(t), signOut) {
		t.Error("signed out, and in again")
	}
	h := open(t)
	accounts := identity.NewAccounts(h.Gateway, h.Keys, h.site.BaseURL, h.clock.now, h.site.Log)
	if revival(t, h, func(_ *browser, a identity.Account) {
		if err := accounts.SignOutEverywhere(t.Context(), tenancy.Caller{}, a.ID); err != nil {
			t.Error(err)
		}
	}) {
		t.Error("signed out everywhere, and in again")
	}
}

// stock is a store as they are sold: delete deletes, commit inserts or updates.
type stock struct {
	*identity.SessionStore
	conn string
}

func (s stock) exec(ctx context.Context, sql string, args ...any) error {
	conn, err := pgx.Connect(ctx, s.conn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql, args...)
	return err
}

func (s stock) DeleteCtx(ctx context.Context, token string) error {
	return s.exec(ctx, "delete from directory.session where token = $1", token)
}

func (s stock) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.exec(ctx, `insert into directory.session (token, account_id, data, expires_at)
		values ($1, (convert_from($2, 'UTF8')::jsonb ->> 'account')::uuid, $2, $3)
		on conflict (token) do update set data = excluded.data, expires_at = excluded.expires_at`, token, data, expires)
}

func TestA18NegativeControlAStockStoreRevivesIt(t *testing.T) {
	h := open(t)
	h.site.sessions.Store = stock{&identity.SessionStore{Gateway: h.Gateway, Now: h.clock.now, Log: h.site.Log}, h.AdminURL()}
	if !revival(t, h, signOut) {
		t.Error("the stock store does not: the test of ours proves nothing")
	}
}

func TestASessionEndsAfterFourteenIdleDaysAndLivesWhileItIsUsed(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	b.become(h.person(t))
	for range 3 {
		h.clock.forward(13 * 24 * time.Hour)
		if res := b.get("/bookings"); res.StatusCode != http.StatusOK {
			t.Fatal("it ended although it was used")
		}
	}
	h.clock.forward(14*24*time.Hour + time.Minute)
	if res := b.get("/bookings"); res.StatusCode != http.StatusSeeOther {
		t.Error("it lives after fourteen days without use")
	}
}

func TestASessionEndsAfterSixtyDaysHoweverMuchItIsUsed(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	b.become(h.person(t))
	for day := range 61 {
		if res := b.get("/bookings"); (res.StatusCode == http.StatusOK) != (day < 60) {
			t.Fatalf("day %d: %d", day, res.StatusCode)
		}
		h.clock.forward(24 * time.Hour)
	}
}

func TestTheLastUseIsWrittenOnceAMinute(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	b.become(h.person(t))
	seen := func() (at time.Time) {
		err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), "select last_seen_at from directory.session where token = $1", hashToken(b.cookie("kindward"))).Scan(&at)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := seen()
	h.clock.forward(50 * time.Second)
	b.get("/")
	if !seen().Equal(first) {
		t.Error("written before the minute was over")
	}
	h.clock.forward(20 * time.Second)
	b.get("/")
	if seen().Equal(first) {
		t.Error("not written after the minute")
	}
}

func TestTheHolderOutlivesSigningInButNotAnotherPerson(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	visitor := b.post("/holds/one", nil).body
	b.become(h.person(t))
	if b.post("/holds/two", nil).body != visitor {
		t.Error("signing in lost the hold")
	}
	b.become(h.person(t))
	if b.post("/holds/three", nil).body == visitor {
		t.Error("another account took over the hold")
	}
	b.post("/sign-out", nil)
	if b.post("/holds/four", nil).body == visitor {
		t.Error("signing out kept the hold")
	}
}

func TestF20WithoutTheSessionStorePagesForEverybodyWorkAndNobodyIsIn(t *testing.T) {
	h := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	b := h.browser(t)
	b.become(h.person(t))
	before := b.cookie("kindward")
	h.Admin(t, "revoke select on directory.session from kindward_app")
	if res := b.get("/search"); res.StatusCode != http.StatusOK || strings.Contains(res.body, "Maya") {
		t.Error("search:", res.StatusCode)
	}
	if res := b.get("/bookings"); res.StatusCode != http.StatusServiceUnavailable {
		t.Error("bookings:", res.StatusCode)
	}
	if res := b.post("/holds/one", nil); res.StatusCode != http.StatusServiceUnavailable {
		t.Error("a hold:", res.StatusCode)
	}
	if res := b.post("/sign-out", nil); res.StatusCode != http.StatusServiceUnavailable {
		t.Error("sign-out:", res.StatusCode)
	}
	if b.cookie("kindward") != before {
		t.Error("the cookie was lost")
	}
	h.Admin(t, "grant select on directory.session to kindward_app")
	if res := b.get("/bookings"); res.StatusCode != http.StatusOK {
		t.Error("afterwards:", res.StatusCode)
	}
}

func TestASessionThatCannotBeKeptIs503AndNotAnAnswer(t *testing.T) {
	h := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	h.Admin(t, "revoke insert on directory.session from kindward_app")
	if res := h.browser(t).post("/holds/one", nil); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(res.body, "We are not open") {
		t.Errorf("%d %.200s", res.StatusCode, res.body)
	}
}

func TestADisabledAccountIsOutAtOnce(t *testing.T) {
	h := open(t)
	b, a := h.browser(t), h.person(t)
	b.become(a)
	h.Admin(t, "update directory.account set disabled_at = now() where id = $1", a.ID)
	if res := b.get("/bookings"); res.StatusCode != http.StatusSeeOther {
		t.Error(res.StatusCode)
	}
}

func TestAnAnswerForSomebodySignedInIsNeverStored(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	if got := b.get("/").Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Error("a visitor's page:", got)
	}
	b.become(h.person(t))
	if got := b.get("/").Header.Get("Cache-Control"); got != "no-store" {
		t.Error("a person's page:", got)
	}
}

func TestSigningInLeadsBackToThePage(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	if got := b.get("/bookings?from=mail").Header.Get("Location"); got != "/sign-in?next=%2Fbookings%3Ffrom%3Dmail" {
		t.Error("a page:", got)
	}
	id := uuid.NewString()
	if got := b.post("/bookings/"+id, nil, "Referer", h.url+"/bookings").Header.Get("Location"); got != "/sign-in?next=%2Fbookings" {
		t.Error("a form:", got)
	}
	if got := b.post("/bookings/"+id, nil, "Referer", "https://evil.example/bookings").Header.Get("Location"); got != "/sign-in" {
		t.Error("a form of a stranger:", got)
	}
	res := b.post("/bookings/"+id, nil, "HX-Request", "true", "HX-Current-URL", h.url+"/search?reason=x")
	if res.StatusCode != http.StatusNoContent || res.Header.Get("HX-Redirect") != "/sign-in?next=%2Fsearch%3Freason%3Dx" {
		t.Error("htmx:", res.StatusCode, res.Header)
	}
}

func TestErrorsKeepTheSessionAsItWas(t *testing.T) {
	h := open(t)
	h.echo.POST("/half", func(c echo.Context) error {
		if err := holderSlot.Set(c, uuid.New()); err != nil {
			return err
		}
		return errors.New("and then it broke")
	})
	if res := h.browser(t).post("/half", nil); res.StatusCode != 500 || len(res.Cookies()) != 0 {
		t.Error(res.StatusCode, res.Cookies())
	}
}

func TestARateLimitOfARouteIs429AndSaysWhenToComeBack(t *testing.T) {
	h := open(t)
	limiter := identity.RateLimiter{Gateway: h.Gateway, Keys: h.site.Keys, Now: h.clock.now}
	h.echo.GET("/few", func(c echo.Context) error {
		if _, err := limiter.Reserve(c.Request().Context(), identity.Limit{Name: "few", Attempts: 2, Window: time.Hour}.For(c.RealIP())); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	b := h.browser(t)
	for try, want := range []int{204, 204, 429} {
		res := b.get("/few")
		if res.StatusCode != want || (res.Header.Get("Retry-After") != "") != (want == 429) {
			t.Errorf("try %d: %d, come back after %q", try+1, res.StatusCode, res.Header.Get("Retry-After"))
		}
	}
}
