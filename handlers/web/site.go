// Package web is the mechanics of pages: who asks, what may be asked, and how an answer leaves. It knows no page of
// its own beyond what every page needs.
package web

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"kindward/internal/health"
	"kindward/internal/keys"
	"kindward/internal/policy"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
)

// Site is one deployment as the web sees it. Fill in the fields, then Mount the table of routes.
type Site struct {
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	BaseURL *url.URL         // how people reach us; links in emails and the cookies' safety follow from it
	Now     func() time.Time // nil = time.Now
	Log     *slog.Logger     // nil = slog.Default
	Demo    bool
	Proxies []netip.Prefix // whose X-Forwarded-For is believed; none = the connection's address counts

	Health    *health.Watch               // how old what is served is; may be nil
	ProbeDisk func(context.Context) error // fails where the database's disk is full; may be nil

	Policies        *policy.Engine    // nil = the program's own
	FindKey         KeyFinder         // nil = no API client may ask
	FindStaffAccess StaffAccessFinder // nil = nobody has any
	SignedIn        SignInListener    // nil = nobody hears of sign-ins

	NewVisitors ratelimit.Limit // how fast sessions without an account begin in a range of addresses; zero = the usual
	Denials     DenialLimits    // zero = the usual

	sessions *scs.SessionManager
	cookies  cookieStores
	csrf     csrf
	errors   errorPages
	routes   *routeTable
	draining atomic.Bool
	proxied  sync.Once // said that a proxy stands in front
	disk     diskState
	denials  denials
	visitors *ratelimit.Limiter // sessions that are begun without an account

	uploads, uploadsFrom ratelimit.KeyedSemaphore[string] // files that arrive, by who sends them and by where from
}

// Mount adds the table of routes to e, and before it everything that a request and its answer pass through.
func (s *Site) Mount(e *echo.Echo, table []Route) error {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	var err error
	if s.Policies == nil {
		if s.Policies, err = policy.Load(); err != nil {
			return err
		}
	}
	if s.errors, err = renderErrorPages(); err != nil {
		return err
	}
	s.visitors = ratelimit.New(cmp.Or(s.NewVisitors, newVisitors), newVisitorRanges)
	s.uploads.Most, s.uploadsFrom.Most = uploadsOfAsker, uploadsOfRange
	s.countDenials()
	s.sessions = s.newSessions()
	s.cookies.ring, s.cookies.secure = s.Keys, s.secure()
	if s.csrf, err = newCSRF(s.BaseURL, s.sessions.Cookie.Name); err != nil {
		return err
	}
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = s.extractor()
	e.HTTPErrorHandler = s.handleError
	e.Pre(s.logRequest, s.headers, checkPath, checkQuery, s.csrf.check, checkBody, cleanQuery)
	e.Use(s.loadSession)
	s.routes, err = mountRoutes(e, table)
	return err
}

func (s *Site) secure() bool { return s.BaseURL.Scheme == "https" }

// Drain makes the site answer that it is not ready, so that no new visitors are sent to it, and ask those who come all
// the same to open another connection next time. Refusals that were counted are written: a process that is killed
// meanwhile has told them.
func (s *Site) Drain() {
	s.draining.Store(true)
	s.denials.flush()
}

// Close writes the refusals that were counted and waits for those that are being written, ten seconds at most. To be
// called after the last request.
func (s *Site) Close() { s.denials.flush() }

func (s *Site) extractor() echo.IPExtractor {
	if len(s.Proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range s.Proxies {
		trust = append(trust, echo.TrustIPRange(prefixNet(p)))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// warnOfProxy says once that a proxy stands in front that nobody named: all visitors have its address, and limits of
// one network are limits of everybody.
func (s *Site) warnOfProxy(r *http.Request) {
	if len(s.Proxies) == 0 && len(r.Header.Values(echo.HeaderXForwardedFor)) > 0 {
		s.proxied.Do(func() {
			s.Log.Warn("web: X-Forwarded-For arrives and no proxy is trusted: if one stands in front, all visitors have its address",
				"do", "name the proxy's network in KINDWARD_PROXIES")
		})
	}
}
