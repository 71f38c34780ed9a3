package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/static"
	"kindward/views/layout"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// clock can be put forward; it never goes back.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time           { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(by time.Duration) { c.ahead.Add(int64(by)) }

// lines is a log that can be read back.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// records parses the log; a line that is no JSON object fails the test.
func (l *lines) records(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.SplitSeq(strings.TrimSpace(l.text()), "\n") {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("no JSON in the log: %q", line)
		}
		all = append(all, record)
	}
	return all
}

// house is a site with routes made for tests, served over a real connection.
type house struct {
	*pgtest.DB
	site   *Site
	echo   *echo.Echo
	url    string
	log    *lines
	clock  *clock
	server *httptest.Server
}

func open(t *testing.T, change ...func(*Site)) *house { return openIn(t, pgtest.Open(t), change...) }

func openIn(t *testing.T, db *pgtest.DB, change ...func(*Site)) *house {
	t.Helper()
	return openWith(t, db, nil, change...)
}

// openWith has more routes in its table.
func openWith(t *testing.T, db *pgtest.DB, more []Route, change ...func(*Site)) *house {
	t.Helper()
	h := &house{DB: db, echo: echo.New(), log: &lines{}, clock: &clock{}}
	h.server = httptest.NewUnstartedServer(h.echo)
	h.url = "http://" + h.server.Listener.Addr().String()
	base, err := url.Parse(h.url)
	if err != nil {
		t.Fatal(err)
	}
	h.site = &Site{Gateway: db.Gateway, Keys: db.Keys, BaseURL: base, Now: h.clock.now, Log: slog.New(slog.NewJSONHandler(h.log, nil)),
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, f := range change {
		f(h.site)
	}
	if err := h.site.Mount(h.echo, append(table(), more...)); err != nil {
		t.Fatal(err)
	}
	if h.site.secure() {
		h.server.StartTLS()
	} else {
		h.server.Start()
	}
	t.Cleanup(h.server.Close)
	return h
}

var errSecret = errors.New(`column "ssn" of Maya Okafor, born 1988`)

// table has one of each kind of answer.
func table() (all []Route) {
	page, entry := defaultOptions, defaultOptions
	page.Return, entry.Return = ReturnAfterward, ReturnFromTheme
	file := RouteOptions{NoSession: true}
	program := RouteOptions{NoSession: true, Errors: ErrorProblem}
	add := func(method, path string, o RouteOptions, handler echo.HandlerFunc) {
		all = append(all, Route{method, path, path, handler, policy.Anyone, o})
	}
	add("GET", "/static/*", file, echo.WrapHandler(static.Handler()))
	add("GET", "/healthz", file, Health)
	add("GET", "/readyz", file, Ready)
	add("POST", "/theme", defaultOptions, UpdateTheme)
	add("GET", "/", page, show)
	add("GET", "/search", page, show)
	add("GET", "/account/:page", page, show)
	add("GET", "/places/:place/holds/:hold", page, show)
	add("GET", "/sign-in", entry, show)
	add("GET", "/places/:place", page, showPlace)
	add("GET", "/bookings", page, showBookings)
	add("POST", "/bookings/:id", defaultOptions, postBooking)
	add("POST", "/become/:id", defaultOptions, become)
	add("POST", "/sign-out", defaultOptions, leave)
	add("POST", "/holds/:place", defaultOptions, hold)
	add("POST", "/echo", defaultOptions, repeat)
	add("POST", "/upload", RouteOptions{BodyLimit: 1 << 20, Accepts: []string{"application/pdf"}}, upload)
	add("GET", "/api/v1/fault", program, func(echo.Context) error { return errSecret })
	add("GET", "/panic", page, func(echo.Context) error { panic(errSecret) })
	add("GET", "/fault", page, func(echo.Context) error { return errSecret })
	add("GET", "/gone", page, func(echo.Context) error { return fmt.Errorf("%w: %w", errSecret, ErrGone) })
	add("GET", "/busy", page, func(echo.Context) error { return fmt.Errorf("%w: %w", errSecret, ErrUnavailable) })
	add("GET", "/often", page, func(echo.Context) error { return TooMany(90 * time.Second) })
	add("GET", "/wrong", page, func(c echo.Context) error { return Render(c, http.StatusUnprocessableEntity, sample(c), "part") })
	add("GET", "/empty", page, func(c echo.Context) error { return Render(c, http.StatusOK, sample(c), "no such part") })
	return all
}

func showPlace(c echo.Context) error {
	if _, err := FindOrganization(c); err != nil {
		return err
	}
	return show(c)
}

func showBookings(c echo.Context) error {
	who, err := RequireAccount(c)
	if err != nil {
		return err
	}
	return c.String(http.StatusOK, "signed in as "+who.Email)
}

func postBooking(c echo.Context) error {
	if _, err := ID(c, "id"); err != nil {
		return err
	}
	_, err := RequireAccount(c)
	return err
}

func leave(c echo.Context) error {
	if err := SignOut(c); err != nil {
		return err
	}
	return Redirect(c, "/")
}

func repeat(c echo.Context) error {
	f, err := ReadForm(c)
	if err != nil {
		return err
	}
	return c.String(http.StatusOK, f.Raw("text"))
}

func upload(c echo.Context) error {
	raw, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	return c.String(http.StatusOK, strconv.Itoa(len(raw)))
}

// sample is a page with one part.
func sample(c echo.Context) templ.Component {
	part := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<p id="part">the part</p>`)
		return err
	})
	inner := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, "<h1>the whole</h1>"); err != nil {
			return err
		}
		return templ.Fragment("part").Render(templ.WithChildren(ctx, part), w)
	})
	page := Page(c, "Sample")
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return layout.Base(page).Render(templ.WithChildren(ctx, inner), w)
	})
}

func show(c echo.Context) error { return Render(c, http.StatusOK, sample(c), "part") }

func become(c echo.Context) error {
	id, err := ID(c, "id")
	if err != nil {
		return err
	}
	if err := SignIn(c, identity.Account{ID: id}, Proof{Factors: 1, How: "password"}); err != nil {
		return err
	}
	return Redirect(c, "/bookings")
}

// holderSlot and stepSlot are slots of the two kinds: one is kept when a visitor signs in, the other is not.
var (
	holderSlot = NewSlot[uuid.UUID]("test holder", KeptAtSignIn)
	stepSlot   = NewSlot[string]("test step", UntilSignIn)
)

// hold answers with who this visitor is, an id that it makes when there is none.
func hold(c echo.Context) error {
	who, known := holderSlot.Get(c)
	if !known {
		who = uuid.New()
		if err := holderSlot.Set(c, who); err != nil {
			return err
		}
	}
	return Send(c, http.StatusOK, "text/plain", []byte(who.String()))
}

// person makes an account that can be become.
func (h *house) person(t *testing.T) identity.Account {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	a := identity.Account{ID: id, Email: id.String()[24:] + "@example.test", Name: "Maya Okafor"}
	h.Admin(t, "insert into directory.account (id, email, name) values ($1, $2, $3)", a.ID, a.Email, a.Name)
	return a
}

func (h *house) sessions(t *testing.T) (n int) {
	t.Helper()
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), "select count(*) from directory.session").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// browser keeps cookies, says where its requests come from, follows nothing, and has an address of its own.
type browser struct {
	t      *testing.T
	house  *house
	client *http.Client
	ip     string
}

var lastIP atomic.Uint32

func (h *house) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: h.server.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	n := lastIP.Add(1)
	return &browser{t, h, client, fmt.Sprintf("10.%d.%d.7", n/250, n%250)}
}

type answer struct {
	*http.Response
	body string
}

func (b *browser) do(method, path string, form url.Values, headers ...string) answer {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.house.server.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Forwarded-For", b.ip)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res, string(raw)}
}

func (b *browser) get(path string, headers ...string) answer {
	b.t.Helper()
	return b.do("GET", path, nil, headers...)
}

func (b *browser) post(path string, form url.Values, headers ...string) answer {
	b.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.do("POST", path, form, headers...)
}

func (b *browser) become(a identity.Account) {
	b.t.Helper()
	if res := b.post("/become/"+a.ID.String(), nil); res.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("signing in: %d %s", res.StatusCode, res.body)
	}
}

// cookie is the value of one of the browser's cookies, or "".
func (b *browser) cookie(name string) string {
	u, _ := url.Parse(b.house.server.URL)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) setCookie(name, value string) {
	u, _ := url.Parse(b.house.server.URL)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}
