package web_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

var reference = regexp.MustCompile(`R-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}`)

func TestAnErrorIsOurOwnPageAndNeverItsOwnText(t *testing.T) {
	site := open(t)
	for path, want := range map[string]struct {
		status int
		words  string
	}{
		"/panic": {500, "Sorry, we could not do that"}, "/fault": {500, "Sorry, we could not do that"},
		"/gone": {410, "This link has been used"},
		"/busy": {503, "We are not open for a moment"}, "/often": {429, "Too many tries"},
		"/nowhere":       {404, "There is no page here"},
		"/places/nobody": {404, "There is no page here"}, "/empty": {200, "the whole"},
	} {
		for _, htmx := range []bool{false, true} {
			res := site.Visitor(t).Get(path, "Accept-Encoding", "identity", "HX-Request", map[bool]string{true: "true"}[htmx])
			if path == "/empty" && htmx {
				want.status, want.words = 500, "Sorry, we could not do that"
			}
			if res.Status != want.status || !strings.Contains(res.Body, want.words) {
				t.Errorf("%s, htmx %v: %d without %q: %.300s", path, htmx, res.Status, want.words, res.Body)
			}
			for _, secret := range []string{"Maya", "1988", "ssn", "goroutine", ".go:"} {
				if strings.Contains(res.Body, secret) {
					t.Errorf("%s shows %q", path, secret)
				}
			}
			if whole := strings.Contains(res.Body, "<html"); whole == htmx {
				t.Errorf("%s, htmx %v: the answer is a whole page: %v", path, htmx, whole)
			}
			if strings.Contains(res.Body, web.ReferencePlaceholder) {
				t.Errorf("%s: no reference in place of its referencePlaceholder", path)
			}
			if want.status >= 500 {
				ref := reference.FindString(res.Body)
				if ref == "" || ref != res.Header.Get("X-Request-Id") {
					t.Errorf("%s: reference %q, header %q", path, ref, res.Header.Get("X-Request-Id"))
				}
				if !strings.Contains(site.Log.Text(), ref) {
					t.Errorf("%s: the log does not know %s", path, ref)
				}
			}
			if res.Status == 503 || res.Status == 429 {
				if res.Header.Get("Retry-After") == "" {
					t.Errorf("%s does not say when to come back", path)
				}
			}
		}
	}
	if !strings.Contains(site.Log.Text(), `column \"ssn\"`) || !strings.Contains(site.Log.Text(), "goroutine") {
		t.Error("the log has neither cause nor stack")
	}
}

func TestAMethodThatARouteHasNotIs405AndSaysWhichItHas(t *testing.T) {
	res := open(t).Visitor(t).Do("DELETE", "/", nil)
	if res.Status != http.StatusMethodNotAllowed || !strings.Contains(res.Header.Get("Allow"), "GET") ||
		!strings.Contains(res.Body, "expects a button") {
		t.Errorf("%d, allow %q", res.Status, res.Header.Get("Allow"))
	}
}

func TestHeadIsGetWithoutItsBody(t *testing.T) {
	site := open(t)
	res := site.Visitor(t).Do("HEAD", "/", nil, "Accept-Encoding", "identity")
	full := site.Visitor(t).Get("/", "Accept-Encoding", "identity")
	if res.Status != 200 || res.Body != "" || res.Length != int64(len(full.Body)) {
		t.Errorf("%d, length %d instead of %d, body %q", res.Status, res.Length, len(full.Body), res.Body)
	}
}

func TestTheErrorPageFollowsTheThemeAndSaysWhoIsSignedIn(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	b.Do("POST", "/theme", map[string][]string{"theme": {"dark"}})
	if res := b.Get("/nowhere"); !strings.Contains(res.Body, `data-theme="dark"`) ||
		!strings.Contains(res.Body, "Maya Okafor") {
		t.Errorf("%.900s", res.Body)
	}
	if res := b.Get("/fault"); !strings.Contains(res.Body, `data-theme="dark"`) {
		t.Error("the page rendered at start has no theme")
	}
}

func TestAFullPoolIs503WithinASecondAndHealthStillAnswers(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	// with the product's wait
	gateway := must(tenancy.Open(t.Context(), db.AppURL(), db.Keys, tenancy.Options{MaxConns: 1}))
	t.Cleanup(gateway.Close)
	site := openIn(t, db, func(s *web.Site) { s.Gateway = gateway })
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	release, held := make(chan struct{}), make(chan struct{})
	hold := func(*shareddb.Queries) error {
		held <- struct{}{}
		<-release
		return nil
	}
	nobody := gateway.Admit(tenancy.Tenant{}, tenancy.Caller{})
	go gateway.WithinShared(context.Background(), nobody, hold)
	go gateway.WithinIdentity(context.Background(), nobody, hold)
	<-held
	<-held
	defer close(release)
	res := b.Get("/bookings")
	if res.Status != 503 || res.Header.Get("Retry-After") != "1" || !strings.Contains(res.Body, "We are not open") {
		t.Errorf("%d %.200s", res.Status, res.Body)
	}
	if res := b.Get("/healthz"); res.Status != 200 {
		t.Errorf("health: %d", res.Status)
	}
	if res := b.Get("/readyz"); res.Status != 503 {
		t.Errorf("readiness: %d", res.Status)
	}
}

func TestADrainingSiteIsHealthyButNotReady(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	if res := b.Get("/readyz"); res.Status != 200 {
		t.Fatal(res.Status)
	}
	site.Web.Drain()
	if health, ready := b.Get("/healthz"), b.Get("/readyz"); health.Status != 200 || ready.Status != 503 {
		t.Errorf("health %d, ready %d", health.Status, ready.Status)
	}
}

func TestAProcessThatCannotReadItsSecretsSaysSoAndStaysReady(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	path := filepath.Join(t.TempDir(), "secrets.json")
	ring := must(keys.Open(path))
	if err := db.Owner.InstallKey(t.Context(), ring.Current()); err != nil {
		t.Fatal(err)
	}
	b := openIn(t, db, func(s *web.Site) { s.Keys = ring }).Visitor(t)
	degraded := func(want bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			res := b.Get("/readyz")
			if res.Status != 200 || !strings.HasPrefix(res.Body, "ready\n") {
				t.Fatalf("%d %s", res.Status, res.Body)
			}
			if strings.Contains(res.Body, "secrets: degraded\n") == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("never", want)
			}
		}
	}
	degraded(false)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	degraded(true)
	if home, health := b.Get("/"), b.Get("/healthz"); home.Status != 200 || health.Status != 200 {
		t.Error(home.Status, health.Status)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	degraded(false)
}

func TestATicketThatTheDatabasesClockRefusesIs503(t *testing.T) { // F05
	behind := time.Duration(0)
	db := pgtest.Fresh(t, tenancy.Options{Now: func() time.Time { return time.Now().Add(-behind) }})
	clinic := db.Clinic(t)
	ticket := func(c echo.Context) error {
		if _, err := clinic.Queries(uuid.New()).Locations(c.Request().Context()); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
	site := openWith(t, db, []web.Route{{http.MethodGet, "/ticket", "ticket", ticket, policy.Anyone,
		web.DefaultOptions}}, func(*web.Site) {})
	b := site.Visitor(t)
	if res := b.Get("/ticket"); res.Status != http.StatusNoContent {
		t.Errorf("control: %d %.300s", res.Status, res.Body)
	}
	behind = 100 * time.Second
	if res := b.Get("/ticket"); res.Status != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("%d, try again after %q", res.Status, res.Header.Get("Retry-After"))
	}
}
