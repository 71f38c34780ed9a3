package ops_test

import (
	"context"
	"fmt"
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

	"kindward/handlers"
	"kindward/handlers/account"
	"kindward/handlers/ops"
	"kindward/handlers/patient"
	"kindward/handlers/provider"
	"kindward/handlers/styleguide"
	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// house is the product's own table of pages, with a clock that can be put forward and a gateway for tests to walk in by.
type house struct {
	*pgtest.DB
	*httptest.Server
	accounts *identity.Accounts
	ahead    atomic.Int64
	mu       sync.Mutex
	letters  []identity.Letter
}

func (h *house) now() time.Time           { return time.Now().Add(time.Duration(h.ahead.Load())) }
func (h *house) forward(by time.Duration) { h.ahead.Add(int64(by)) }

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

func open(t *testing.T) *house { return openIn(t, pgtest.Open(t)) }

func openIn(t *testing.T, db *pgtest.DB) *house {
	t.Helper()
	h := &house{DB: db}
	e := echo.New()
	h.Server = httptest.NewServer(e)
	t.Cleanup(h.Server.Close)
	base, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	h.accounts = identity.NewAccounts(h.Gateway, h.Keys, base, h.now, log, func(_ context.Context, l identity.Letter) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.letters = append(h.letters, l)
		return nil
	})
	t.Cleanup(h.accounts.Wait)
	site := &web.Site{Gateway: h.Gateway, Keys: h.Keys, BaseURL: base, Log: log, Now: h.now}
	handlers.Mount(e, handlers.Routes(handlers.Pages{Account: &account.Handlers{Accounts: h.accounts}, Styleguide: &styleguide.Handlers{},
		Patient: &patient.Handlers{Gateway: h.Gateway}, Ops: &ops.Handlers{Gateway: h.Gateway, Accounts: h.accounts}, Provider: &provider.Handlers{Gateway: h.Gateway, Accounts: h.accounts}}))
	e.POST("/walk-in/:account/:factors", func(c echo.Context) error {
		id, err := web.ID(c, "account")
		if err != nil {
			return err
		}
		factors := 1
		if c.Param("factors") == "2" {
			factors = 2
		}
		if err := web.SignIn(c, identity.Account{ID: id}, web.Proof{Factors: factors, How: "password"}); err != nil {
			return err
		}
		return web.Redirect(c, "/")
	})
	if err := site.Wrap(e); err != nil {
		t.Fatal(err)
	}
	return h
}

// person is somebody with a browser that keeps cookies and follows nothing by itself.
type person struct {
	t    *testing.T
	h    *house
	http *http.Client
	id   uuid.UUID
	name string
}

func (b *person) email() string { return b.id.String() + "@example.test" }

// person signs in with a fresh account that has the given roles of staff, and a second factor if there are any.
func (h *house) person(t *testing.T, name string, roles ...string) *person {
	t.Helper()
	b := &person{t: t, h: h, id: h.Account(t, name), name: name}
	for _, r := range roles {
		h.Admin(t, `insert into directory.staff (id, account_id, role) values ($1, $2, $3)`, uuid.New(), b.id, r)
	}
	b.walkIn(len(roles) > 0)
	return b
}

// walkIn begins a session of its own.
func (b *person) walkIn(second bool) {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.http = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	factors := "1"
	if second {
		factors = "2"
	}
	if a := b.post("/walk-in/" + b.id.String() + "/" + factors); a.status != http.StatusSeeOther {
		b.t.Fatal(a.status, a.body)
	}
}

type answer struct {
	status     int
	path, body string
	to         string
	htmxTo     string
}

func (b *person) do(method, path string, form url.Values, htmx bool) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.h.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if htmx {
		r.Header.Set("HX-Request", "true")
	}
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, path, string(raw), res.Header.Get("Location"), res.Header.Get("HX-Redirect")}
}

func (b *person) get(path string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil, false)
}

func (b *person) post(path string, fields ...string) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, pairs(fields), false)
}

func (b *person) htmx(path string, fields ...string) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, pairs(fields), true)
}

func pairs(fields []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form
}

// token is the session's.
func (b *person) token() string {
	u, err := url.Parse(b.h.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == "kindward" {
			return c.Value
		}
	}
	return ""
}

func has(t *testing.T, a answer, status int, words ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s is %d, not %d", a.path, a.status, status)
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("%s has no %q in it:\n%s", a.path, w, main(a.body))
		}
	}
}

func lacks(t *testing.T, a answer, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.body, w) {
			t.Errorf("%s has %q in it", a.path, w)
		}
	}
}

// goes tells whether an answer leads on to a page.
func goes(t *testing.T, a answer, to string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.to != to {
		t.Errorf("%s: %d to %q, not to %q\n%s", a.path, a.status, a.to, to, a.body)
	}
}

// one reads one value as administrator.
func one[T any](t *testing.T, h *house, sql string, args ...any) (v T) {
	t.Helper()
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func (h *house) events(t *testing.T, where string, args ...any) int {
	t.Helper()
	return one[int](t, h, fmt.Sprintf("select count(*) from audit.event where %s", where), args...)
}

// main is what stands in a page's <main>, to be read in a failure.
func main(body string) string {
	if _, rest, found := strings.Cut(body, "<main"); found {
		body, _, _ = strings.Cut(rest, "</main>")
	}
	return body
}
