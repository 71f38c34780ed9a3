package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
)

func TestLookingAroundWritesNoSession(t *testing.T) {
	site := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	b := site.Visitor(t)
	for _, path := range []string{"/", "/search?reason=x", "/bookings", "/nowhere", "/fault", "/places/nobody"} {
		if res := b.Get(path); len(res.Cookies()) > 0 {
			t.Errorf("%s sets %v", path, res.Cookies())
		}
	}
	b.Do("POST", "/theme", url.Values{"theme": {"dark"}})
	if n := sessionsOf(t, site); n != 0 {
		t.Errorf("%d sessions", n)
	}
	b.Do("POST", "/holds/somewhere", nil)
	if n := sessionsOf(t, site); n != 1 {
		t.Errorf("%d sessions after a hold", n)
	}
}

func TestATokenIsKeptAsAHashOnly(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	b.Do("POST", "/holds/somewhere", nil)
	var clear, hash int
	err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
		"select count(*) filter (where token = $1), count(*) filter (where token = $2) from directory.session",
		b.Cookie("kindward"), web.HashToken(b.Cookie("kindward"))).Scan(&clear, &hash)
	if err != nil || clear != 0 || hash != 1 {
		t.Error(clear, hash, err)
	}
}

func TestA17ATokenFromBeforeSigningInIsWorthNothingAfterwards(t *testing.T) {
	site := open(t)
	a := maya(t, site)
	t.Run("made up by the attacker", func(t *testing.T) {
		victim, attacker := site.Visitor(t), site.Visitor(t)
		victim.SetCookie("kindward", "made-up-by-the-attacker")
		attacker.SetCookie("kindward", "made-up-by-the-attacker")
		victim.SignInAs(a, 1)
		if victim.Cookie("kindward") == "made-up-by-the-attacker" {
			t.Error("the token stayed")
		}
		if res := attacker.Get("/bookings"); res.Status != http.StatusSeeOther {
			t.Error("the attacker is in")
		}
	})
	t.Run("the attacker's own session", func(t *testing.T) {
		victim, attacker := site.Visitor(t), site.Visitor(t)
		attacker.Do("POST", "/holds/somewhere", nil)
		victim.SetCookie("kindward", attacker.Cookie("kindward"))
		victim.SignInAs(a, 1)
		if res := victim.Get("/bookings"); res.Status != http.StatusOK {
			t.Error("the victim is out")
		}
		if res := attacker.Get("/bookings"); res.Status != http.StatusSeeOther {
			t.Error("the attacker is in")
		}
	})
}

// slow adds a route that loads its session, waits, and then writes into it, under another token if it renews.
func slow(site *webtest.Site, renews bool) (arrived chan struct{}, goOn chan struct{}) {
	arrived, goOn = make(chan struct{}), make(chan struct{})
	site.Echo.POST("/slow", func(c echo.Context) error {
		close(arrived)
		<-goOn
		if renews {
			if err := web.RenewToken(c); err != nil {
				return err
			}
		}
		return hold(c)
	})
	return arrived, goOn
}

// revival signs in, revokes the session while a slow request is under way, and tells whether it opens anything
// afterward.
func revival(t *testing.T, site *webtest.Site, renews bool, revoke func(b *webtest.Person, a *webtest.Person)) bool {
	t.Helper()
	arrived, goOn := slow(site, renews)
	a := maya(t, site)
	b := site.Visitor(t)
	b.SignInAs(a, 1)
	stolen := site.Visitor(t)
	stolen.SetCookie("kindward", b.Cookie("kindward"))
	if res := stolen.Get("/bookings"); res.Status != http.StatusOK {
		t.Fatal("not even now")
	}
	done := make(chan webtest.Answer)
	go func() { done <- stolen.Do("POST", "/slow", nil) }()
	<-arrived
	revoke(b, a)
	close(goOn)
	if res := <-done; res.Status != http.StatusOK {
		t.Fatal("the slow request:", res.Status)
	}
	return stolen.Get("/bookings").Status == http.StatusOK
}

func signOut(b *webtest.Person, _ *webtest.Person) { b.Do("POST", "/sign-out", nil) }

func TestA18ASlowRequestDoesNotReviveASessionThatEndedMeanwhile(t *testing.T) {
	for _, renews := range []bool{false, true} {
		if revival(t, open(t), renews, signOut) {
			t.Error("signed out, and in again; renewing:", renews)
		}
		site := open(t)
		if revival(t, site, renews, func(_ *webtest.Person, a *webtest.Person) { endSessions(t, site, a) }) {
			t.Error("signed out everywhere, and in again; renewing:", renews)
		}
	}
}

func endSessions(t *testing.T, site *webtest.Site, who *webtest.Person) {
	t.Helper()
	own := site.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: who.ID})
	if err := site.Gateway.Identity(own).EndSessions(t.Context(), who.ID); err != nil {
		t.Error(err)
	}
}

// renewal is a route that renews the token, as every page does that changes what a session can do.
var renewal = web.Route{"POST", "/renewal", "renewal", func(c echo.Context) error {
	if err := web.RenewToken(c); err != nil {
		return err
	}
	return hold(c)
}, policy.Anyone, web.DefaultOptions}

func TestA18OfFifteenSessionsThatAreRenewedWhileAllAreEndedNoneLives(t *testing.T) {
	site := openWith(t, pgtest.Open(t), []web.Route{renewal})
	a := maya(t, site)
	var renewed atomic.Int64
	for round := range 20 {
		var all []*webtest.Person
		for range 15 {
			b := site.Visitor(t)
			b.SignInAs(a, 1)
			all = append(all, b)
		}
		var group sync.WaitGroup
		ended := make(chan struct{})
		for _, b := range all {
			group.Go(func() {
				for over := false; !over; {
					select {
					case <-ended:
						over = true // once more, after the end
					default:
					}
					if before := b.Token(); b.Post("/renewal").Status == http.StatusOK && b.Token() != before {
						renewed.Add(1)
					}
				}
			})
		}
		group.Go(func() { defer close(ended); endSessions(t, site, a) })
		group.Wait()
		for _, b := range all {
			if b.Get("/bookings").Status == http.StatusOK {
				t.Fatal("round", round, "one lives on")
			}
		}
	}
	if renewed.Load() == 0 {
		t.Error("none was renewed: this proves nothing")
	}
}

func TestOfTwoRequestsThatRenewASessionTheSlowerLeavesTheBrowserItsCookie(t *testing.T) {
	site := openWith(t, pgtest.Open(t), []web.Route{renewal})
	arrived, goOn := slow(site, true)
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	done := make(chan webtest.Answer)
	go func() { done <- b.Post("/slow") }()
	<-arrived
	b.Post("/renewal").Has(http.StatusOK)
	close(goOn)
	if res := <-done; len(res.Cookies()) != 0 {
		t.Error("the slower one sets", res.Cookies())
	}
	if res := b.Get("/bookings"); res.Status != http.StatusOK {
		t.Error("signed out by two clicks:", res.Status)
	}
}

// stock is a store as they are sold: delete deletes, commit inserts or updates.
type stock struct {
	*identity.SessionStore
	conn string
}

func (s stock) exec(ctx context.Context, token, sql string, more ...any) error {
	conn, err := pgx.Connect(ctx, s.conn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql, append([]any{token}, more...)...)
	if err == nil && len(more) > 0 {
		err = webtest.VouchForSession(ctx, conn, s.Keys, token)
	}
	return err
}

func (s stock) DeleteCtx(ctx context.Context, token string) error {
	return s.exec(ctx, token, "delete from directory.session where token = $1")
}

func (s stock) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.exec(ctx, token, `insert into directory.session (token, account_id, data, expires_at)
		values ($1, (convert_from($2, 'UTF8')::jsonb ->> 'account')::uuid, $2, $3)
		on conflict (token) do update set data = excluded.data, expires_at = excluded.expires_at`, data, expires)
}

func TestA18NegativeControlAStockStoreRevivesIt(t *testing.T) {
	for _, renews := range []bool{false, true} {
		site := open(t)
		site.Web.SetSessionStore(stock{&identity.SessionStore{Gateway: site.Gateway, Keys: site.Keys, Now: site.Clock.Now,
			Log: site.Web.Log}, site.AdminURL()})
		if !revival(t, site, renews, signOut) {
			t.Error("the stock store does not: the test of ours proves nothing; renewing:", renews)
		}
	}
}

func TestASessionEndsAfterFourteenIdleDaysAndLivesWhileItIsUsed(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	for range 3 {
		site.Clock.Forward(13 * 24 * time.Hour)
		if res := b.Get("/bookings"); res.Status != http.StatusOK {
			t.Fatal("it ended although it was used")
		}
	}
	site.Clock.Forward(14*24*time.Hour + time.Minute)
	if res := b.Get("/bookings"); res.Status != http.StatusSeeOther {
		t.Error("it lives after fourteen days without use")
	}
}

func TestASessionEndsAfterSixtyDaysHoweverMuchItIsUsed(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	for day := range 61 {
		if res := b.Get("/bookings"); (res.Status == http.StatusOK) != (day < 60) {
			t.Fatalf("day %d: %d", day, res.Status)
		}
		site.Clock.Forward(24 * time.Hour)
	}
}

func TestTheLastUseIsWrittenOnceAMinute(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	seen := func() (at time.Time) {
		err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
			"select last_seen_at from directory.session where token = $1", web.HashToken(b.Cookie("kindward"))).Scan(&at)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := seen()
	site.Clock.Forward(30 * time.Second)
	b.Get("/")
	if !seen().Equal(first) {
		t.Error("written before the minute was over")
	}
	site.Clock.Forward(40 * time.Second)
	b.Get("/")
	if seen().Equal(first) {
		t.Error("not written after the minute")
	}
}

func TestTheHolderOutlivesSigningInButNotAnotherPerson(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	visitor := b.Do("POST", "/holds/one", nil).Body
	b.SignInAs(maya(t, site), 1)
	if b.Do("POST", "/holds/two", nil).Body != visitor {
		t.Error("signing in lost the hold")
	}
	b.SignInAs(maya(t, site), 1)
	if b.Do("POST", "/holds/three", nil).Body == visitor {
		t.Error("another account took over the hold")
	}
	b.Do("POST", "/sign-out", nil)
	if b.Do("POST", "/holds/four", nil).Body == visitor {
		t.Error("signing out kept the hold")
	}
}

func TestF20WithoutTheSessionStorePagesForEverybodyWorkAndNobodyIsIn(t *testing.T) {
	site := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	before := b.Cookie("kindward")
	site.Admin(t, "revoke select on directory.session from kindward_identity")
	if res := b.Get("/search"); res.Status != http.StatusOK || strings.Contains(res.Body, "Maya") {
		t.Error("search:", res.Status)
	}
	if res := b.Get("/bookings"); res.Status != http.StatusServiceUnavailable {
		t.Error("bookings:", res.Status)
	}
	if res := b.Do("POST", "/holds/one", nil); res.Status != http.StatusServiceUnavailable {
		t.Error("a hold:", res.Status)
	}
	if res := b.Do("POST", "/sign-out", nil); res.Status != http.StatusServiceUnavailable {
		t.Error("sign-out:", res.Status)
	}
	if b.Cookie("kindward") != before {
		t.Error("the cookie was lost")
	}
	site.Admin(t, "grant select on directory.session to kindward_identity")
	if res := b.Get("/bookings"); res.Status != http.StatusOK {
		t.Error("afterward:", res.Status)
	}
}

func TestASessionThatCannotBeKeptIs503AndNotAnAnswer(t *testing.T) {
	site := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	site.Admin(t, "revoke insert on directory.session from kindward_identity")
	if res := site.Visitor(t).Do("POST", "/holds/one", nil); res.Status != http.StatusServiceUnavailable ||
		!strings.Contains(res.Body, "We are not open") {
		t.Errorf("%d %.200s", res.Status, res.Body)
	}
}

func TestADisabledAccountIsOutAtOnce(t *testing.T) {
	site := open(t)
	b, a := site.Visitor(t), maya(t, site)
	b.SignInAs(a, 1)
	site.Admin(t, "update directory.account set disabled_at = now() where id = $1", a.ID)
	if res := b.Get("/bookings"); res.Status != http.StatusSeeOther {
		t.Error(res.Status)
	}
}

func TestAnAnswerForSomebodySignedInIsNeverStored(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	if got := b.Get("/").Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Error("a visitor's page:", got)
	}
	b.SignInAs(maya(t, site), 1)
	if got := b.Get("/").Header.Get("Cache-Control"); got != "no-store" {
		t.Error("a person's page:", got)
	}
}

func TestSigningInLeadsBackToThePage(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	if got := b.Get("/bookings?from=mail").Header.Get("Location"); got != "/sign-in?next=%2Fbookings%3Ffrom%3Dmail" {
		t.Error("a page:", got)
	}
	id := uuid.NewString()
	if got := b.Do("POST", "/bookings/"+id, nil, "Referer",
		site.URL+"/bookings").Header.Get("Location"); got != "/sign-in?next=%2Fbookings" {
		t.Error("a form:", got)
	}
	if got := b.Do("POST", "/bookings/"+id, nil, "Referer",
		"https://evil.example/bookings").Header.Get("Location"); got != "/sign-in" {
		t.Error("a form of a stranger:", got)
	}
	res := b.Do("POST", "/bookings/"+id, nil, "HX-Request", "true", "HX-Current-URL", site.URL+"/search?reason=x")
	if res.Status != http.StatusNoContent || res.Header.Get("HX-Redirect") != "/sign-in?next=%2Fsearch%3Freason%3Dx" {
		t.Error("htmx:", res.Status, res.Header)
	}
}

func TestErrorsKeepTheSessionAsItWas(t *testing.T) {
	site := open(t)
	site.Echo.POST("/half", func(c echo.Context) error {
		if err := holderSlot.Set(c, uuid.New()); err != nil {
			return err
		}
		return errors.New("and then it broke")
	})
	if res := site.Visitor(t).Do("POST", "/half", nil); res.Status != 500 || len(res.Cookies()) != 0 {
		t.Error(res.Status, res.Cookies())
	}
}

func TestARateLimitOfARouteIs429AndSaysWhenToComeBack(t *testing.T) {
	site := open(t)
	limiter := identity.AttemptLimiter{Gateway: site.Gateway, Keys: site.Web.Keys, Now: site.Clock.Now}
	site.Echo.GET("/few", func(c echo.Context) error {
		if _, err := limiter.Reserve(c.Request().Context(),
			identity.AttemptLimit{Name: "few", Attempts: 2, Window: time.Hour}.For(c.RealIP())); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	b := site.Visitor(t)
	for try, want := range []int{204, 204, 429} {
		res := b.Get("/few")
		if res.Status != want || (res.Header.Get("Retry-After") != "") != (want == 429) {
			t.Errorf("try %d: %d, come back after %q", try+1, res.Status, res.Header.Get("Retry-After"))
		}
	}
}
