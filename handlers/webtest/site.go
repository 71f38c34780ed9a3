// Package webtest serves the whole product to tests of its pages: the real table of routes over a database, with a
// clock that can be put forward, a mailbox that can be read, and people with browsers. Tests alone import it.
package webtest

import (
	"log/slog"
	"net"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers"
	"kindward/handlers/api"
	"kindward/handlers/demo"
	"kindward/handlers/patient"
	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
	"kindward/internal/search"
	"kindward/internal/storage"
)

// HelpEmail is where messages of the help page go.
const HelpEmail = "help@kindward.example"

// IdentitySecrets sign webhooks of whoever verifies identities: the one of now, and the one before.
var IdentitySecrets = []string{"whsec_now", "whsec_before"}

// Site is the product as one test has it.
type Site struct {
	*pgtest.DB
	URL       string // how people reach it
	Server    *httptest.Server
	Echo      *echo.Echo
	Web       *web.Site
	Routes    []handlers.Route
	Zone      *time.Location
	Clock     *Clock
	Log       *Log
	Market    *search.Market
	Mail      identity.Mail
	Passwords *identity.Passwords
	SSO       identity.SSOClient
	TXT       identity.TXT // what the DNS says; nil: what it really says
	APIKeys   identity.APIKeys
	Store     storage.Store // of files that people send

	t             testing.TB
	mailbox       *Mailbox
	arrange       func(*pgtest.Clinic)
	clinic, other *pgtest.Clinic
}

// Options are what a test may have otherwise.
type Options struct {
	DB     *pgtest.DB           // nil = the one that the tests of a package share
	Clinic func(*pgtest.Clinic) // changes the clinic before it is written
	// the name that people reach the site by; 127.0.0.1 if empty, for which no browser makes passkeys
	Host       string
	Web        func(*web.Site)    // changes the site before it serves
	Before     func(*echo.Echo)   // adds what requests pass before everything else
	Store      storage.Store      // of files that people send; nil = a folder of the test's own
	Demo       *demo.Handlers     // the pages of a demonstration too
	Routes     []web.Route        // these instead of the product's
	HoldLimit  ratelimit.Limit    // how fast one range of addresses takes times; zero is the usual
	HoldLimits booking.HoldLimits // how many are held at once; zero is the usual
}

// Open serves the product over the shared database.
func Open(t testing.TB) *Site { t.Helper(); return OpenWith(t, Options{}) }

// OpenWith serves the product as a test wants it.
func OpenWith(t testing.TB, o Options) *Site {
	t.Helper()
	if o.DB == nil {
		o.DB = pgtest.Open(t)
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	s := &Site{DB: o.DB, t: t, Clock: &Clock{}, Log: &Log{}, Echo: echo.New(), arrange: o.Clinic}
	s.Zone = s.must(civil.Zone("America/New_York"))
	s.Server = httptest.NewUnstartedServer(s.Echo)
	base := &url.URL{Scheme: "http", Host: net.JoinHostPort(o.Host,
		strconv.Itoa(s.Server.Listener.Addr().(*net.TCPAddr).Port))}
	s.build(base, o)
	if base = s.Web.BaseURL; base.Scheme == "https" {
		s.Server.StartTLS()
	} else {
		s.Server.Start()
	}
	s.URL = base.String()
	t.Cleanup(s.Server.Close)
	return s
}

func (s *Site) must(zone *time.Location, err error) *time.Location {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return zone
}

// build is what cmd/kindward does for a process, but that a test's mail and log stay here and that what the browsers
// say about their addresses is believed: each has a network of its own.
func (s *Site) build(base *url.URL, o Options) {
	s.t.Helper()
	var err error
	log := slog.New(slog.NewJSONHandler(s.Log, nil))
	if s.Market, err = search.OpenMarket(s.t.Context(), s.Gateway, s.Zone, s.Clock.Now); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.Market.Close)
	s.Web = &web.Site{Gateway: s.Gateway, Keys: s.Keys, BaseURL: base, Now: s.Clock.Now, Log: log,
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	s.Store = storage.Sealed{Store: storage.Local{Dir: s.t.TempDir()}, Keys: s.Keys}
	if o.Store != nil {
		s.Store = o.Store
	}
	needs := handlers.Dependencies{Site: s.Web, Market: s.Market, Passwords: identity.NewPasswords(nil, log),
		LookupTXT: s.lookupTXT, Zone: s.Zone, HoldLimit: o.HoldLimit, HoldLimits: o.HoldLimits, Demo: o.Demo,
		Help: patient.Help{Email: HelpEmail}, IdentitySecrets: IdentitySecrets,
		Store: s.Store}
	s.Mail, s.Passwords, s.SSO, s.APIKeys = needs.Mail(), needs.Passwords, needs.SSO(), needs.APIKeys()
	s.openMailbox(base)
	s.Web.FindKey, s.Web.SignedIn = api.Finder(s.APIKeys), needs.SeeBrowser // of a table of a test's own too
	if o.Web != nil {
		o.Web(s.Web)
	}
	if o.Before != nil {
		o.Before(s.Echo)
	}
	s.Echo.POST(signInPath, signIn)
	if o.Routes != nil {
		if err := s.Web.Mount(s.Echo, o.Routes); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	if o.Demo != nil {
		o.Demo.Base = base
	}
	if s.Routes, err = handlers.New(s.Echo, needs); err != nil {
		s.t.Fatal(err)
	}
}
