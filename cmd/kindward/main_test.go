package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/browser"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m, putAway) }

// house is the whole product, running on a small region, and a browser to look at it. All tests of this package share one: what a
// test changes is its own patient's.
type house struct {
	app     *app
	address string
	mailbox notify.Mailbox
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
		log: slog.New(slog.NewJSONHandler(log, nil)), ring: db.Keys, admin: h.admin, holdLimit: ratelimit.Unlimited}
	h.mailbox = notify.Mailbox{Dir: b.mailDir()}
	ctx, stop := context.WithCancel(context.Background())
	h.stops = append(h.stops, stop)
	owner, err := b.migrate(ctx)
	must(err)
	h.stops = append(h.stops, owner.Close)
	gateway, err := b.openGateway(ctx)
	must(err)
	h.stops = append(h.stops, gateway.Close)
	_, err = b.seed(ctx, owner, 8, 0)
	must(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	h.app, err = b.openApp(ctx, gateway, l.Addr().String(), true, true)
	must(err)
	h.stops = append(h.stops, h.app.close)
	end, err := h.app.work(ctx, h.app.outbox)
	must(err)
	h.stops = append(h.stops, end)
	h.address, h.wire = h.app.site.BaseURL.String(), &wire{Listener: l}
	e := h.app.server.Handler.(*echo.Echo)
	e.GET("/fault/:code", fault) // what cannot be provoked from outside
	e.POST("/walk-in/:account", walkIn)
	e.Pre(trouble)
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
	tenant, err := h.app.gateway.Tenant(t.Context(), place)
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
		all, err := h.mailbox.List(200)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.To == to && strings.Contains(m.Subject, subject) {
				if m, err = h.mailbox.Read(m.ID); err != nil {
					t.Fatal(err)
				}
				return m
			}
		}
	}
	t.Fatalf("no mail to %s about %q", to, subject)
	return notify.Mail{}
}

// fault fails as its address says.
func fault(c echo.Context) error {
	code, err := strconv.Atoi(c.Param("code"))
	switch {
	case err != nil:
		return err
	case code == http.StatusInternalServerError:
		panic("as asked")
	case code == http.StatusServiceUnavailable:
		return web.ErrUnavailable
	}
	return echo.NewHTTPError(code)
}

// trouble befalls the parts of pages of a visitor who has its cookie: "fault" on our side, or "cut" on the line.
func trouble(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if cookie, err := c.Cookie("trouble"); err == nil && web.Partial(c) {
			if cookie.Value == "cut" {
				panic(http.ErrAbortHandler)
			}
			return errors.New("as asked")
		}
		return next(c)
	}
}

// wire counts the bytes that go out to visitors.
type wire struct {
	net.Listener
	sent atomic.Int64
}

// Accept counts what is written to the connection.
func (w *wire) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	return &counted{c, w}, err
}

type counted struct {
	net.Conn
	wire *wire
}

// Write counts.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.wire.sent.Add(int64(n))
	return n, err
}
