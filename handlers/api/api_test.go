package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"kindward/handlers"
	"kindward/handlers/account"
	"kindward/handlers/api"
	"kindward/handlers/ops"
	"kindward/handlers/patient"
	"kindward/handlers/provider"
	"kindward/handlers/styleguide"
	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/search"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type house struct {
	*httptest.Server
	*pgtest.DB
	clinic, other *pgtest.Clinic
	keys          identity.APIKeys
	ahead         atomic.Int64
	table         []handlers.Route
}

func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

func open(t *testing.T) *house {
	t.Helper()
	db := pgtest.Open(t)
	h := &house{DB: db, clinic: db.Clinic(t), other: db.Clinic(t)}
	market, err := search.OpenMarket(t.Context(), db.Door, time.UTC, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(market.Close)
	e := echo.New()
	h.Server = httptest.NewServer(e)
	t.Cleanup(h.Server.Close)
	base, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	accounts := identity.NewAccounts(db.Door, db.Keys, base, h.now, log, nil)
	h.keys = identity.APIKeys{Door: db.Door, Now: h.now}
	site := &web.Site{Door: db.Door, Keys: db.Keys, BaseURL: base, Log: log, HoldRate: rate.Inf, Now: h.now, FindKey: api.Finder(h.keys), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	h.table = handlers.Routes(handlers.Pages{Account: &account.Handlers{Accounts: accounts}, Styleguide: &styleguide.Handlers{}, Ops: &ops.Handlers{Door: db.Door, Accounts: accounts},
		Patient: &patient.Handlers{Door: db.Door, Market: market}, Provider: &provider.Handlers{Door: db.Door, Accounts: accounts, Keys: h.keys}, API: &api.Handlers{Door: db.Door, Market: market}})
	handlers.Mount(e, h.table)
	if err := site.Wrap(e); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) key(t *testing.T, c *pgtest.Clinic, scopes ...string) string {
	t.Helper()
	key, err := h.keys.Create(t.Context(), c.Scope(h.Account(t, "Alice")), identity.NewKey{Name: uuid.NewString(), Scopes: scopes, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (h *house) ask(t *testing.T, method, path, key string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(raw)}
}

func at(c *pgtest.Clinic) string { return "/api/v1/organizations/" + c.Slug }

// visit puts a patient and their appointment on file, today at noon.
func (h *house) visit(t *testing.T, c *pgtest.Clinic) (account uuid.UUID, day string) {
	t.Helper()
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		t.Fatal(err)
	}
	local := h.now().In(zone)
	noon := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, zone)
	account = h.Account(t, "Canary")
	patient := uuid.New()
	c.SQL(t, `insert into patient (id, account_id, name) values ($1, $2, $3)`, patient, account, "Canary "+c.Slug)
	c.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at) values ($1, $2, $3, 'booked', $4, $5, $6, $7, $8, $9)`,
		uuid.New(), "KW-"+uuid.NewString(), c.Offering, uuid.New(), account, patient, c.Resources[0], noon, noon.Add(20*time.Minute))
	return account, local.Format(time.DateOnly)
}

func TestAProgramReadsWhatItsKeyIsFor(t *testing.T) {
	h := open(t)
	account, day := h.visit(t, h.clinic)
	key := h.key(t, h.clinic, "slots.read", "appointments.read")
	a := h.ask(t, "GET", at(h.clinic)+"/appointments?day="+day, key)
	var list struct {
		Day          string
		Appointments []struct {
			Start, Zone, Status string
			Patient             struct{ Name string }
		}
	}
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != 200 || len(list.Appointments) != 1 {
		t.Fatal(err, a.status, a.body)
	}
	one := list.Appointments[0]
	if one.Patient.Name != "Canary "+h.clinic.Slug || !strings.HasPrefix(one.Start, day+"T12:00:00-0") || one.Zone != h.clinic.Zone || one.Status != "booked" {
		t.Error(a.body)
	}
	if a.header.Get("Content-Type") != "application/json" || a.header.Get("Cache-Control") != "no-store" || len(a.header.Values("Set-Cookie")) > 0 || a.header.Get("RateLimit") == "" {
		t.Error(a.header)
	}
	id := strings.Split(key, "_")[2]
	var kept int
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select count(*) from audit.event where patient = $1 and purpose = 'program' and fields = array['key:' || $2] and policy_id = 'key'`, account, id).Scan(&kept); err != nil || kept != 1 {
		t.Error("the look was kept", kept, "times", err)
	}
	from := h.now().AddDate(0, 0, 9).Format(time.DateOnly)
	a = h.ask(t, "GET", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s", at(h.clinic), h.clinic.Offering, from, from), key)
	var free struct {
		Zone    string
		Minutes int
		Slots   []struct{ Start, End string }
	}
	if err := json.Unmarshal([]byte(a.body), &free); err != nil || a.status != 200 || len(free.Slots) != 24 || free.Minutes != 20 {
		t.Fatal(err, a.status, len(free.Slots), a.body)
	}
	if !strings.HasPrefix(free.Slots[0].Start, from+"T09:00:00-0") || !strings.HasPrefix(free.Slots[0].End, from+"T09:20:00-0") {
		t.Error(free.Slots[0])
	}
}

func TestWhatIsWrongIsSaidForEachParameter(t *testing.T) {
	h := open(t)
	key := h.key(t, h.clinic, "slots.read", "appointments.read")
	for path, fields := range map[string][]string{
		"/appointments":                {"day"},
		"/appointments?day=2026-02-30": {"day"},
		"/slots":                       {"from", "to", "listing"},
		"/slots?from=2026-11-24&to=2026-11-23&listing=x":                   {"to", "listing"},
		"/slots?from=2026-11-24&to=2027-11-23&listing=" + uuid.NewString(): {"to"},
	} {
		a := h.ask(t, "GET", at(h.clinic)+path, key)
		var p web.Problem
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != 422 || a.header.Get("Content-Type") != "application/problem+json" || len(p.Errors) != len(fields) || p.Instance == "" {
			t.Fatal(path, err, a.status, a.body)
		}
		for i, f := range fields {
			if p.Errors[i].Field != f {
				t.Error(path, p.Errors)
			}
		}
	}
}

func TestA09AKeyOpensNothingElse(t *testing.T) {
	h := open(t)
	_, day := h.visit(t, h.clinic)
	h.visit(t, h.other)
	slots, both := h.key(t, h.clinic, "slots.read"), h.key(t, h.clinic, "slots.read", "appointments.read")
	from := h.now().AddDate(0, 0, 9).Format(time.DateOnly)
	refused := func(name, path, key string, codes ...int) {
		t.Helper()
		a := h.ask(t, "GET", path, key)
		ok := false
		for _, code := range codes {
			ok = ok || a.status == code
		}
		if !ok || strings.Contains(a.body, "Canary") || strings.Contains(a.body, "start") || a.header.Get("Content-Type") != "application/problem+json" {
			t.Error(name, a.status, a.body)
		}
	}
	refused("no key", at(h.clinic)+"/appointments?day="+day, "", 401)
	refused("a typing error", at(h.clinic)+"/appointments?day="+day, both[:20]+"a"+both[21:], 401)
	refused("another secret", at(h.clinic)+"/appointments?day="+day, h.forge(both), 401)
	refused("without the scope", at(h.clinic)+"/appointments?day="+day, slots, 403, 404)
	refused("of A at B", at(h.other)+"/appointments?day="+day, both, 401, 404)
	refused("of A, times of B", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s", at(h.other), h.other.Offering, from, from), both, 401, 404)
	refused("of A, B's listing under A's address", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s", at(h.clinic), h.other.Offering, from, from), both, 404)
	refused("of nobody", "/api/v1/organizations/nowhere/appointments?day="+day, both, 404)
	for _, r := range h.table {
		path := strings.NewReplacer(":place", h.clinic.Slug).Replace(r.Path)
		for part := range strings.SplitSeq(path, "/") {
			if strings.HasPrefix(part, ":") {
				path = strings.Replace(path, part, uuid.NewString(), 1)
			}
		}
		work := strings.HasPrefix(r.Path, "/organizations") || strings.HasPrefix(r.Path, "/ops") || strings.HasPrefix(r.Path, "/bookings") || strings.HasPrefix(r.Path, "/account")
		if !work {
			continue
		}
		a := h.ask(t, r.Method, path, both)
		// 303 is the way to sign in: the key counted for nothing.
		if a.status != 401 && a.status != 403 && a.status != 404 && (a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/sign-in")) {
			t.Error(r.Method, r.Path, a.status, a.header.Get("Location"))
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		if a := h.ask(t, method, at(h.clinic)+"/appointments", both); a.status != 405 && a.status != 403 && a.status != 404 {
			t.Error(method, a.status)
		}
	}
	// The control: the same requests at home are answered, so that refusing everything would not pass.
	if a := h.ask(t, "GET", at(h.clinic)+"/appointments?day="+day, both); a.status != 200 || !strings.Contains(a.body, "Canary") {
		t.Error("the control", a.status, a.body)
	}
	var denied int
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select count(*) from audit.event where outcome = 'denied' and tenant_id in ($1, $2)`, h.clinic.ID, h.other.ID).Scan(&denied); err != nil || denied < 4 {
		t.Error("denials kept:", denied, err)
	}
}

// forge is a key whose checksum is right and whose secret is another.
func (h *house) forge(key string) string {
	part := strings.Split(key, "_")
	part[3] = strings.Repeat("a", len(part[3]))
	body := strings.Join(part[:4], "_")
	return body + "_" + identity.KeyChecksum(body)
}

func TestAKeyEndsWithItsTimeAndAtOnceWhenRevoked(t *testing.T) {
	h := open(t)
	_, day := h.visit(t, h.clinic)
	path := at(h.clinic) + "/appointments?day=" + day
	first, second := h.key(t, h.clinic, "appointments.read"), h.key(t, h.clinic, "appointments.read")
	if h.ask(t, "GET", path, first).status != 200 || h.ask(t, "GET", path, second).status != 200 {
		t.Fatal("keys do not open")
	}
	h.Admin(t, `update directory.api_key set revoked_at = now() where id = $1`, strings.Split(first, "_")[2])
	if a := h.ask(t, "GET", path, first); a.status != 401 {
		t.Error("revoked, and", a.status)
	}
	h.ahead.Add(int64(time.Hour + time.Second))
	if a := h.ask(t, "GET", path, second); a.status != 401 {
		t.Error("run out, and", a.status)
	}
}

func TestAKeyAsksSoOftenAMinute(t *testing.T) {
	h := open(t)
	key, other := h.key(t, h.clinic, "slots.read"), h.key(t, h.clinic, "slots.read")
	last := 0
	for range 150 {
		a := h.ask(t, "GET", at(h.clinic)+"/slots", key)
		if last = a.status; last == 429 {
			if a.header.Get("Retry-After") == "" || !strings.Contains(a.header.Get("RateLimit"), "r=0") || !strings.Contains(a.header.Get("RateLimit-Policy"), "q=120;w=60") {
				t.Error(a.header)
			}
			break
		}
	}
	if last != 429 || h.ask(t, "GET", at(h.clinic)+"/slots", other).status != 422 {
		t.Error("no limit, or one for all:", last)
	}
	h.ahead.Add(int64(time.Minute))
	if a := h.ask(t, "GET", at(h.clinic)+"/slots", key); a.status != 422 {
		t.Error("a minute later", a.status)
	}
}

func TestACookieOpensNoDoorForPrograms(t *testing.T) {
	h := open(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+at(h.clinic)+"/appointments?day=2026-11-24", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "kindward", Value: "anything"})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 401 || res.Header.Get("Www-Authenticate") == "" {
		t.Error(res.StatusCode, res.Header)
	}
}
