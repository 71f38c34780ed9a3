package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/health"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
)

func TestReadinessSaysHowOldEachPartIsAndOnlyAVitalOneCounts(t *testing.T) {
	ages := map[string]time.Duration{}
	part := func(name string, vital bool) health.Part {
		return health.Part{Name: name, Limit: 30 * time.Second, Vital: vital,
			Age: func(context.Context) (time.Duration, error) { return ages[name], nil }}
	}
	watch := health.NewWatch([]health.Part{part("index", true), part("seal", false)}, health.Options{})
	site := open(t, func(s *web.Site) { s.Health = watch })
	b := site.Visitor(t)
	for _, test := range []struct {
		index, seal time.Duration
		status      int
		says        string
	}{
		{0, 0, 200, "seal: ok"}, {0, time.Hour, 200, "seal: degraded, 3600"}, {time.Hour, 0, 503, "index: failing, 3600"},
		{0, 0, 200, "index: ok"},
	} {
		ages["index"], ages["seal"] = test.index, test.seal
		watch.Look(t.Context())
		res := b.Get("/readyz")
		if res.Status != test.status || !strings.Contains(res.Body, test.says) ||
			strings.HasPrefix(res.Body, "ready\n") != (test.status == 200) {
			t.Errorf("%+v: %d %s", test, res.Status, res.Body)
		}
	}
	if _, err := site.Web.SessionAge(t.Context()); err != nil {
		t.Errorf("the session store: %v", err)
	}
}

func TestReadinessIsJSONForPrograms(t *testing.T) {
	site := open(t)
	r := httptest.NewRequest(http.MethodGet, "/readyz", nil)
	r.Header.Set("Accept", "application/json")
	w := httptest.NewRecorder()
	site.Echo.ServeHTTP(w, r)
	var report health.Report
	if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil || w.Code != http.StatusOK || !report.Ready {
		t.Errorf("%d %s: %v", w.Code, w.Body, err)
	}
}

func TestAFullDiskOfTheDatabaseIsNotReadyUntilAWritePasses(t *testing.T) {
	var room error
	probes := 0
	full := &pgconn.PgError{Code: "53100", Message: "could not extend file"}
	routes := []web.Route{{http.MethodPost, "/full", "full", func(echo.Context) error { return full }, policy.Anyone,
		web.DefaultOptions}}
	site := openWith(t, nil, routes, func(s *web.Site) {
		s.ProbeDisk = func(context.Context) error { probes++; return room }
	})
	b := site.Visitor(t)
	room = errors.New("no room")
	if res := b.Get("/readyz"); res.Status != 200 {
		t.Fatalf("nobody has tried to write yet: %d %s", res.Status, res.Body)
	}
	if res := b.Do("POST", "/full", nil); res.Status != 503 {
		t.Errorf("a write to a full disk: %d", res.Status)
	}
	if res := b.Get("/readyz"); res.Status != 503 || !strings.Contains(res.Body, "disk: failing") {
		t.Errorf("the disk is full: %d %s", res.Status, res.Body)
	}
	for range 20 { // whoever asks again and again writes nothing
		b.Get("/readyz")
	}
	if probes > 10 { // several, where the machine is slow
		t.Errorf("%d writes were tried in a moment", probes)
	}
	room = nil
	site.Clock.Forward(10 * time.Second)
	if res := b.Get("/readyz"); res.Status != 200 {
		t.Errorf("there is room again: %d %s", res.Status, res.Body)
	}
}

func TestWithoutTheIdentitysRoleAServerIsNotReadyUntilItIsGivenBack(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	site := openIn(t, db)
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	statuses := func() [2]int { return [2]int{b.Get("/readyz").Status, b.Get("/bookings").Status} }
	settle := func(want int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); statuses() != [2]int{want, want}; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("/readyz and a page of somebody who is signed in: %v, and not %d", statuses(), want)
			}
		}
	}
	settle(200)
	db.Admin(t, "revoke connect on database "+db.Name+" from kindward_identity")
	db.Admin(t, `select pg_terminate_backend(pid) from pg_stat_activity
		where usename = 'kindward_identity' and datname = current_database()`)
	settle(503)
	if _, err := site.Gateway.Public().Tenants(t.Context()); err != nil {
		t.Error("control: the app's role is shut out too:", err)
	}
	if res := b.Get("/readyz"); !strings.Contains(res.Body, "database: failing") {
		t.Errorf("%s", res.Body)
	}
	db.Admin(t, "grant connect on database "+db.Name+" to kindward_identity")
	settle(200)
}

func TestF18WhileAProcessStartsItSaysWhenToComeBack(t *testing.T) {
	h, err := web.Starting()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct {
		status   int
		kind, in string
	}{
		"/healthz": {200, "text/plain", "ok"}, "/readyz": {503, "text/plain", "not ready"},
		"/search": {503, "text/html", "We are not open"}, "/api/v1/listings": {503, "application/problem+json", "503"},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want.status || !strings.HasPrefix(w.Header().Get("Content-Type"), want.kind) ||
			!strings.Contains(w.Body.String(), want.in) || (w.Header().Get("Retry-After") != "") != (w.Code == 503) ||
			w.Header().Get("X-Content-Type-Options") == "" {
			t.Errorf("%s: %d %v %.200s", path, w.Code, w.Header(), w.Body)
		}
	}
}
