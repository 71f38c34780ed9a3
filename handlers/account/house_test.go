package account_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/account"
	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/static"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const password = "seven green bicycles"

type house struct {
	*pgtest.DB
	accounts *identity.Accounts
	server   *httptest.Server
	mu       sync.Mutex
	letters  []identity.Letter
	ahead    atomic.Int64
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

func open(t *testing.T, demo bool) *house { t.Helper(); return openAt(t, demo, "127.0.0.1") }

// openAt is a house that people reach by this name.
func openAt(t *testing.T, demo bool, host string) *house {
	t.Helper()
	h := &house{DB: pgtest.Open(t)}
	e := echo.New()
	h.server = httptest.NewUnstartedServer(e)
	base := &url.URL{Scheme: "http", Host: fmt.Sprintf("%s:%d", host, h.server.Listener.Addr().(*net.TCPAddr).Port)}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	site := &web.Site{Gateway: h.Gateway, Keys: h.Keys, BaseURL: base, Now: h.now, Log: log, Demo: demo,
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if err := site.Wrap(e); err != nil {
		t.Fatal(err)
	}
	h.accounts = identity.NewAccounts(h.Gateway, h.Keys, base, h.now, log, h.take)
	t.Cleanup(h.accounts.Wait)
	site.SignedIn = h.accounts.SeeBrowser
	routes(e, account.Handlers{Accounts: h.accounts})
	h.server.Start()
	t.Cleanup(h.server.Close)
	return h
}

func routes(e *echo.Echo, h account.Handlers) {
	e.GET("/sign-in", h.ShowSignIn)
	e.POST("/sign-in", h.CreateSession)
	e.POST("/sign-out", h.DeleteSession)
	e.GET("/sign-up", h.ShowSignUp)
	e.POST("/sign-up", h.CreateSignUp)
	e.GET("/sign-up/code", h.ShowCode)
	e.POST("/sign-up/code", h.CreateAccount)
	e.GET("/password-reset", h.ShowPasswordReset)
	e.POST("/password-reset", h.CreatePasswordReset)
	e.GET("/password-reset/:token", h.ShowNewPassword)
	e.POST("/password-reset/:token", h.UpdatePassword)
	e.GET("/sign-in/second-step", h.ShowSecondStep)
	e.POST("/sign-in/second-step", h.CreateSecondStep)
	e.GET("/account/confirm", web.Permit(policy.ProveOwn, h.ShowConfirm))
	e.POST("/account/confirm", web.Permit(policy.ProveOwn, h.CreateConfirm))
	e.GET("/account/second-factor", web.Permit(policy.ReadOwn, h.ShowSecondFactor))
	e.POST("/account/second-factor", web.Permit(policy.ChangeAccount, h.CreateSecondFactor))
	e.POST("/account/second-factor/confirmation", web.Permit(policy.ChangeAccount, h.ConfirmSecondFactor))
	e.POST("/account/second-factor/recovery-codes", web.Permit(policy.ChangeAccount, h.CreateRecoveryCodes))
	e.POST("/account/second-factor/removal", web.Permit(policy.ChangeAccount, h.DeleteSecondFactor))
	e.GET("/account/passkeys", web.Permit(policy.ReadOwn, h.ListPasskeys))
	e.GET("/account/passkeys/new", web.Permit(policy.ChangeAccount, h.NewPasskey))
	e.POST("/account/passkeys/question", web.Permit(policy.ChangeAccount, h.AskNewPasskey))
	e.POST("/account/passkeys", web.Permit(policy.ChangeAccount, h.CreatePasskey))
	e.POST("/account/passkeys/:passkey/removal", web.Permit(policy.ChangeAccount, h.DeletePasskey))
	e.POST("/account/confirm/passkey/question", web.Permit(policy.ProveOwn, h.AskConfirmPasskey))
	e.POST("/account/confirm/passkey", web.Permit(policy.ProveOwn, h.ConfirmByPasskey))
	e.POST("/sign-in/passkey/question", web.Permit(policy.SignIn, h.AskPasskey))
	e.POST("/sign-in/passkey", web.Permit(policy.SignIn, h.CreateSessionByPasskey))
	e.GET("/account", h.ShowAccount)
	e.POST("/account/sign-out-everywhere", h.SignOutEverywhere)
	e.POST("/account/devices/:session/revocation", web.Permit(policy.EndSessions, h.RevokeDevice))
	e.GET("/account/email", web.Permit(policy.ChangeAccount, h.ShowEmailChange))
	e.POST("/account/email", web.Permit(policy.ChangeAccount, h.CreateEmailChange))
	e.GET("/account/email/:token", web.Permit(policy.ReadOwn, h.ShowNewEmail))
	e.POST("/account/email/:token", web.Permit(policy.ProveOwn, h.UpdateEmail))
	// The rest of the house, as much as these journeys pass through.
	e.GET("/static/*", echo.WrapHandler(static.Handler()))
	e.GET("/", func(c echo.Context) error { return c.String(200, "home") })
	e.GET("/bookings", func(c echo.Context) error {
		who, err := web.RequireAccount(c)
		if err != nil {
			return err
		}
		return c.String(200, "appointments of "+who.Name)
	})
	e.POST("/places/:place/holds", func(c echo.Context) error {
		who, err := web.Holder(c)
		if err != nil {
			return err
		}
		if err := web.KeepHold(c, web.OpenHold{Organization: c.Param("place"), ID: uuid.New(), Until: web.Now(c).Add(10 * time.Minute)}); err != nil {
			return err
		}
		return web.Send(c, 200, "text/plain", []byte(who.String()))
	})
	e.GET("/places/:place/holds/:id", func(c echo.Context) error {
		who, ok := web.KnownHolder(c)
		if !ok {
			return web.ErrNotFound
		}
		person, _ := web.Account(c)
		return c.String(200, fmt.Sprintf("held by %s for %s", who, person.Name))
	})
}

// browser keeps cookies and has a network of its own; it follows nothing by itself.
type browser struct {
	t      *testing.T
	house  *house
	client *http.Client
	ip     string
	agent  string
}

var lastIP atomic.Uint32

func (h *house) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := lastIP.Add(1)
	return &browser{t, h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		fmt.Sprintf("10.%d.%d.7", n/250, n%250), "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}
}

// cookies are what this browser would send to the site.
func (b *browser) cookies() []*http.Cookie {
	b.t.Helper()
	home, err := url.Parse(b.house.server.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.client.Jar.Cookies(home)
}

type answer struct {
	*http.Response
	body string
}

func (a answer) to() string { return a.Header.Get("Location") }

func (b *browser) do(method, path string, form url.Values, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.house.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Forwarded-For", b.ip)
	r.Header.Set("User-Agent", b.agent)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
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

// post sends pairs of field and value.
func (b *browser) post(path string, fields ...string) answer {
	b.t.Helper()
	return b.do("POST", path, pairs(fields))
}

func (b *browser) htmx(path string, fields ...string) answer {
	b.t.Helper()
	return b.do("POST", path, pairs(fields), "HX-Request", "true")
}

func pairs(fields []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form
}

// signUp makes a new account, letter and all, and leaves the browser signed in.
func (b *browser) signUp(name string) (email string) {
	b.t.Helper()
	email = uuid.NewString() + "@example.test"
	if res := b.post("/sign-up", "name", name, "email", email, "password", password); res.to() != "/sign-up/code" {
		b.t.Fatal(res.StatusCode, res.body)
	}
	if res := b.post("/sign-up/code", "code", b.house.letter(email).Code); res.to() != "/bookings" {
		b.t.Fatal(res.StatusCode, res.body)
	}
	return email
}

func has(t *testing.T, res answer, status int, words ...string) {
	t.Helper()
	if res.StatusCode != status {
		t.Errorf("%s is %d, not %d", res.Request.URL.Path, res.StatusCode, status)
	}
	for _, w := range words {
		if !strings.Contains(res.body, w) {
			t.Errorf("%s has no %q in it:\n%s", res.Request.URL.Path, w, res.body)
		}
	}
}

func lacks(t *testing.T, res answer, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(res.body, w) {
			t.Errorf("%s has %q in it", res.Request.URL.Path, w)
		}
	}
}
