package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
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
	market, err := search.OpenMarket(t.Context(), db.Gateway, time.UTC, time.Now)
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
	accounts := identity.NewAccounts(db.Gateway, db.Keys, base, h.now, log, nil)
	h.keys = identity.APIKeys{Gateway: db.Gateway, Now: h.now}
	site := &web.Site{Gateway: db.Gateway, Keys: db.Keys, BaseURL: base, Log: log, HoldRate: rate.Inf, Now: h.now, FindKey: api.Finder(h.keys), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	h.table = handlers.Routes(handlers.Pages{Account: &account.Handlers{Accounts: accounts}, Styleguide: &styleguide.Handlers{}, Ops: &ops.Handlers{Gateway: db.Gateway, Accounts: accounts},
		Patient: &patient.Handlers{Gateway: db.Gateway, Market: market}, Provider: &provider.Handlers{Gateway: db.Gateway, Accounts: accounts, Keys: h.keys}, API: &api.Handlers{Gateway: db.Gateway, Market: market}})
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
		uuid.New(), "KW-"+uuid.NewString(), c.OfferingID, uuid.New(), account, patient, c.Resources[0], noon, noon.Add(20*time.Minute))
	return account, local.Format(time.DateOnly)
}
