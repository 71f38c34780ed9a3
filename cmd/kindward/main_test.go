package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/internal/browser"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/region"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m, putAway) }

// house is the whole product, running on a small region, and a browser to look at it. All tests of this package share one: what a
// test changes is its own patient's.
type house struct {
	app     *app
	echo    *echo.Echo
	address string
	box     notify.Box
	admin   string
	browser *browser.Browser
	wire    *wire
	persons atomic.Int64
	stops   []func()
}

var (
	shared    *house
	openHouse sync.Once
)

func putAway() {
	if shared == nil {
		return
	}
	for i := len(shared.stops) - 1; i >= 0; i-- {
		shared.stops[i]()
	}
}

// open starts the house, or gives the one that stands.
func open(t testing.TB) *house {
	t.Helper()
	browser.Need(t)
	openHouse.Do(func() { shared = build(t) })
	if shared == nil {
		t.Fatal("the house did not start; an earlier test says why")
	}
	return shared
}

func build(t testing.TB) *house {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	db := pgtest.Open(t)
	dir, err := os.MkdirTemp("", "kindward-house-")
	must(err)
	h := &house{admin: db.AdminURL(), stops: []func(){func() { os.RemoveAll(dir) }}}
	var log io.Writer = io.Discard
	if os.Getenv("KINDWARD_LOG_LEVEL") != "" {
		log = os.Stderr
	}
	b := &base{config: config{DataDir: dir, Zone: "America/New_York", MailFrom: "Kindward <no-reply@kindward.example>", MaxConns: 8},
		log: slog.New(slog.NewJSONHandler(log, nil)), ring: db.Keys, admin: h.admin}
	h.box = notify.Box{Dir: b.mailDir()}
	ctx, stop := context.WithCancel(context.Background())
	h.stops = append(h.stops, stop)
	owner, err := b.migrate(ctx)
	must(err)
	h.stops = append(h.stops, owner.Close)
	door, err := b.openDoor(ctx)
	must(err)
	h.stops = append(h.stops, door.Close)
	_, err = b.seed(ctx, owner, door, 8, 0)
	must(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	h.app, err = b.openApp(ctx, door, l.Addr().String(), true, true)
	must(err)
	h.stops = append(h.stops, h.app.close)
	h.app.site.HoldRate, h.app.site.HoldBurst = 1000, 1000
	end, err := h.app.work(ctx, h.app.outbox)
	must(err)
	h.stops = append(h.stops, end)
	h.echo, h.address, h.wire = h.app.server.Handler.(*echo.Echo), h.app.site.BaseURL.String(), &wire{Listener: l}
	served := make(chan struct{})
	go func() { defer close(served); _ = h.app.serve(ctx, h.wire) }()
	h.stops = append(h.stops, func() { stop(); <-served })
	h.browser, err = browser.Start()
	must(err)
	h.stops = append(h.stops, h.browser.Stop)
	return h
}

// visit opens a tab for somebody new.
func (h *house) visit(t testing.TB, change ...func(*browser.Options)) *browser.Tab {
	t.Helper()
	o := browser.Options{Home: h.address}
	for _, f := range change {
		f(&o)
	}
	return h.browser.Visit(t, o)
}

func noScript(o *browser.Options) { o.NoScript = true }

func phone(o *browser.Options) { o.Width, o.Height = 390, 844 }

// with gives the visitor the cookies that somebody got over HTTP.
func (s *someone) with(o *browser.Options) { o.Cookies = s.cookies() }

// sql arranges what only time or another person could, past every gate.
func (h *house) sql(t testing.TB, place, statement string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if place != "" {
		tenant := h.tenant(t, place)
		if _, err := conn.Exec(t.Context(), "set search_path = "+pgx.Identifier{tenant.Schema}.Sanitize()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Exec(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (h *house) tenant(t testing.TB, place string) tenancy.Tenant {
	t.Helper()
	tenant, err := h.app.door.Tenant(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// newAddress is an e-mail address that nobody has had. It has no digits: a code is looked for in mails.
func (h *house) newAddress(name string) string {
	letters := strings.Map(func(r rune) rune { return r - '0' + 'a' }, strconv.FormatInt(h.persons.Add(1), 10))
	return strings.ToLower(strings.Fields(name)[0]) + "-" + letters + "@example.test"
}

// letter waits for the latest mail to an address whose subject contains a word, and gives its text.
func (h *house) letter(t testing.TB, to, subject string) notify.Mail {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		all, err := h.box.List(200)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.To == to && strings.Contains(m.Subject, subject) {
				if m, err = h.box.Read(m.ID); err != nil {
					t.Fatal(err)
				}
				return m
			}
		}
	}
	t.Fatalf("no mail to %s about %q", to, subject)
	return notify.Mail{}
}

// someone uses the site without a browser, to arrange quickly what a test is not about.
type someone struct {
	t    testing.TB
	h    *house
	http *http.Client
}

func (h *house) someone(t testing.TB) *someone {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &someone{t, h, &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (h *house) maya(t testing.TB) *someone {
	t.Helper()
	s := h.someone(t)
	if r := s.post("/sign-in", url.Values{"email": {"maya@example.test"}, "password": {region.Password}}); r.status != http.StatusSeeOther {
		t.Fatalf("Maya cannot sign in: %d\n%s", r.status, r.body)
	}
	return s
}

func (s *someone) cookies() []*http.Cookie {
	u, err := url.Parse(s.h.address)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.http.Jar.Cookies(u)
}

// reply is a whole answer.
type reply struct {
	status   int
	header   http.Header
	body     string
	location string
}

func (s *someone) do(r *http.Request) reply {
	s.t.Helper()
	answer, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(raw), answer.Header.Get("Location")}
}

func (s *someone) get(path string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.h.address+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(r)
}

func (s *someone) post(path string, form url.Values) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.h.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", echo.MIMEApplicationForm)
	r.Header.Set("Origin", s.h.address)
	return s.do(r)
}

var (
	listingField = regexp.MustCompile(`name="listing" value="([0-9a-f-]{36})"`)
	startField   = regexp.MustCompile(`name="start" value="([^"]+)"`)
	keyField     = regexp.MustCompile(`name="key" value="([0-9a-f-]{36})"`)
)

// hold takes a free time of the listing, late enough that it can be moved still, and gives the address of its page.
func (s *someone) hold(times string) string {
	s.t.Helper()
	place := strings.Split(times, "/")[2]
	for weeks := 1; weeks < 5; weeks++ {
		page := s.get(times + "?week=" + time.Now().AddDate(0, 0, 7*weeks).Format(time.DateOnly))
		listing := listingField.FindStringSubmatch(page.body)
		for _, start := range startField.FindAllStringSubmatch(page.body, -1) {
			if r := s.post("/places/"+place+"/holds", url.Values{"listing": {listing[1]}, "start": {start[1]}}); r.status == http.StatusSeeOther {
				return r.location
			}
		}
	}
	s.t.Fatalf("%s has no time that can be held", times)
	return ""
}

// book turns a hold into an appointment and gives the address of its page.
func (s *someone) book(hold string) string {
	s.t.Helper()
	key := keyField.FindStringSubmatch(s.get(hold).body)
	if key == nil {
		s.t.Fatal("the page of the hold has no form")
	}
	r := s.post(hold+"/confirmation", url.Values{"key": {key[1]}, "for": {"me"}, "name": {"Maya Okafor"}, "phone": {"401-555-0142"}, "dob-month": {"3"}, "dob-day": {"27"}, "dob-year": {"1988"},
		"payer": {"self"}, "share": {"on"}})
	if r.status != http.StatusSeeOther {
		s.t.Fatalf("not booked: %d\n%s", r.status, r.body)
	}
	return r.location
}

// timesAt is the address of the times of an organisation's listing: the service, and with whom where that matters.
func (h *house) timesAt(t testing.TB, place, service string) string {
	t.Helper()
	for _, l := range h.app.market.OfTenant(h.tenant(t, place).ID) {
		if strings.Contains(l.Service+" "+l.Practitioner, service) {
			return "/places/" + place + "/listings/" + l.ID.String() + "/times"
		}
	}
	t.Fatalf("%s does not do %s", place, service)
	return ""
}

// shotsDir is where pictures go, if somebody asked for them.
func shotsDir(t testing.TB, dir string) string {
	t.Helper()
	if dir == "" {
		t.Skip("say where pictures go: -shots DIR")
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// wire counts what goes out to visitors.
type wire struct{ net.Listener }
