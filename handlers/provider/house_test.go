package provider_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
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

// house is the product's pages over two clinics: Alice and Bob work at the first, Charlie at the other.
type house struct {
	*httptest.Server
	*pgtest.DB
	clinic, other *pgtest.Clinic
	accounts      *identity.Accounts
	keys          identity.APIKeys
	ahead         atomic.Int64
	mu            sync.Mutex
	letters       []identity.Letter
}

func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

func (h *house) take(_ context.Context, l identity.Letter) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.letters = append(h.letters, l)
	return nil
}

// letter waits for the post and gives the last one to an address.
func (h *house) letter(to string) (last identity.Letter) {
	h.accounts.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.letters {
		if l.To == to {
			last = l
		}
	}
	return last
}

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
	h.accounts = identity.NewAccounts(db.Gateway, db.Keys, base, h.now, log, h.take)
	t.Cleanup(h.accounts.Wait)
	h.keys = identity.APIKeys{Gateway: db.Gateway, Now: h.now}
	site := &web.Site{Gateway: db.Gateway, Keys: db.Keys, BaseURL: base, Log: log, HoldRate: rate.Inf, Now: h.now, FindKey: api.Finder(h.keys)}
	handlers.Mount(e, handlers.Routes(handlers.Pages{Account: &account.Handlers{Accounts: h.accounts}, Styleguide: &styleguide.Handlers{}, Ops: &ops.Handlers{Gateway: db.Gateway, Accounts: h.accounts},
		Patient: &patient.Handlers{Gateway: db.Gateway, Market: market}, Provider: &provider.Handlers{Gateway: db.Gateway, Accounts: h.accounts, Keys: h.keys}, API: &api.Handlers{Gateway: db.Gateway, Market: market}}))
	e.POST("/test/sign-in", signIn) // past passwords and codes, which are others' tests
	if err := site.Wrap(e); err != nil {
		t.Fatal(err)
	}
	return h
}

func signIn(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	factors := 2
	if f.Ticked("one") {
		factors = 1
	}
	if err := web.SignIn(c, identity.Account{ID: f.ID("id"), Email: f.Raw("email"), Name: f.Raw("name")}, web.Proof{Factors: factors, How: "totp"}); err != nil {
		return err
	}
	return web.Send(c, http.StatusOK, "text/plain", []byte("in"))
}

// person is somebody with a browser.
type person struct {
	t     *testing.T
	h     *house
	http  *http.Client
	ID    uuid.UUID
	Email string
	htmx  bool
}

func (h *house) visitor(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t: t, h: h, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// somebody is signed in with two factors and works nowhere.
func (h *house) somebody(t *testing.T, name string, with ...string) *person {
	t.Helper()
	p := h.visitor(t)
	p.ID = h.Account(t, name)
	p.Email = p.ID.String() + "@example.test"
	if a := p.post("/test/sign-in", append([]string{"id", p.ID.String(), "email", p.Email, "name", name}, with...)...); a.status != http.StatusOK {
		t.Fatal(a.status, a.body)
	}
	return p
}

// worker is somebody who works at a clinic.
func (h *house) worker(t *testing.T, at *pgtest.Clinic, name, role string) *person {
	t.Helper()
	p := h.somebody(t, name)
	p.employ(at, role)
	return p
}

func (p *person) employ(at *pgtest.Clinic, role string) (membership uuid.UUID) {
	p.t.Helper()
	id := uuid.Must(uuid.NewV7())
	p.h.Admin(p.t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, $4)`, id, at.ID, p.ID, role)
	return id
}

// answer is what came back.
type answer struct {
	status int
	to     string
	header http.Header
	body   string
}

func (p *person) get(path string) answer { p.t.Helper(); return p.do(http.MethodGet, path, nil) }

func (p *person) post(path string, fields ...string) answer {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return p.do(http.MethodPost, path, form)
}

func (p *person) do(method, path string, form url.Values) answer {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.h.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if p.htmx {
		r.Header.Set("HX-Request", "true")
	}
	res, err := p.http.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), res.Header, string(raw)}
}

func has(t *testing.T, a answer, status int, words ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("it is %d, not %d: %s", a.status, status, a.to)
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("%q is missing in:\n%s", w, a.body)
		}
	}
}

func lacks(t *testing.T, a answer, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.body, w) {
			t.Errorf("%q is in it", w)
		}
	}
}

func at(c *pgtest.Clinic) string { return "/organizations/" + c.Slug }

// canary is the name of the patients of a clinic; it stands nowhere else.
func canary(c *pgtest.Clinic) string { return "Canary " + c.Slug }

// visit puts a patient and their appointment on file, today or so many days from it at noon.
func (h *house) visit(t *testing.T, c *pgtest.Clinic, days int) (appointment, patient, account uuid.UUID) {
	t.Helper()
	appointment, patient, account = uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), h.Account(t, canary(c))
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		t.Fatal(err)
	}
	local := h.now().In(zone)
	noon := time.Date(local.Year(), local.Month(), local.Day()+days, 12, 0, 0, 0, zone)
	c.SQL(t, `insert into patient (id, account_id, name, born, phone, email) values ($1, $2, $3, '1988-03-27', '+14015550134', 'canary@example.test')`, patient, account, canary(c))
	c.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at, note, booked_at, is_new)
		values ($1, $2, $3, 'booked', $4, $5, $6, $7, $8, $9, 'canary note', now(), true)`,
		appointment, "KW-"+strings.ToUpper(appointment.String()[24:28])+"-"+strings.ToUpper(appointment.String()[33:36]), c.OfferingID, uuid.New(), account, patient, c.Resources[0], noon, noon.Add(20*time.Minute))
	h.Admin(t, `insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at) values ($1, $2, $3, $4)`, appointment, c.ID, account, noon)
	return appointment, patient, account
}

// audited counts events of one action about a patient.
func (h *house) audited(t *testing.T, patient uuid.UUID, action, outcome string) (n int) {
	t.Helper()
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select count(*) from audit.event where patient = $1 and action = $2 and outcome = $3 and purpose = 'care' and policy_id <> ''`, patient, action, outcome).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (h *house) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
