package handlers_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/handlers"
	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
)

// visit is one kind of session: what the account has besides its password, and what was shown of it.
type visit struct {
	name         string
	app, passkey bool
	begin        func(t *testing.T, s *webtest.Site, p *webtest.Person)
}

func shows(factors int) func(*testing.T, *webtest.Site, *webtest.Person) {
	return func(_ *testing.T, _ *webtest.Site, p *webtest.Person) { p.SignIn(factors) }
}

// showedBefore is a session that was begun long ago, or has ended with all others since.
func showedBefore(factors int, ended bool) func(*testing.T, *webtest.Site, *webtest.Person) {
	return func(t *testing.T, s *webtest.Site, p *webtest.Person) {
		p.SignIn(factors)
		if ended {
			s.Admin(t, `update directory.account set session_epoch = session_epoch + 1 where id = $1`, p.ID)
			return
		}
		s.Clock.Forward(web.ProofLife + time.Minute)
	}
}

func bySingleSignOn(_ *testing.T, s *webtest.Site, p *webtest.Person) {
	p.SignIn(1, "organization", s.Clinic().ID.String())
}

// visits are the kinds of sessions.
var visits = []visit{
	{name: "nobody", begin: func(*testing.T, *webtest.Site, *webtest.Person) {}},
	{name: "password", begin: shows(1)},
	{name: "password, has an app", app: true, begin: shows(1)},
	{name: "password, has a passkey", passkey: true, begin: shows(1)},
	{name: "password and code", app: true, begin: shows(2)},
	{name: "passkey", passkey: true, begin: shows(2)},
	{name: "password and code, eleven minutes ago", app: true, begin: showedBefore(2, false)},
	{name: "single sign-on", begin: bySingleSignOn},
	{name: "single sign-on, has an app", app: true, begin: bySingleSignOn},
	{name: "single sign-on, has a passkey", passkey: true, begin: bySingleSignOn},
	{name: "password, then all ended", begin: showedBefore(1, true)},
	{name: "password and code, then all ended", app: true, begin: showedBefore(2, true)},
	{name: "support as the person", app: true, begin: func(t *testing.T, s *webtest.Site, p *webtest.Person) {
		sam, id := s.Staff(t, "Sam", "support"), uuid.New()
		s.Admin(t, `insert into directory.staff_access (id, kind, actor, person, reason, may_change, started_at, expires_at)
			values ($1, 'impersonation', $2, $3, 'as the test says', true, $4, $5)`, id, sam.ID, p.ID, s.Clock.Now(),
			s.Clock.Now().Add(time.Hour))
		p.SignInAs(sam, 2, "access", id.String())
	}},
}

// What becomes of a request: it reaches its page (in), they are sent to sign in, or to show once more who they are with
// all that the account has, or it is refused.
const (
	in      = "in"
	signIn  = "sign in"
	prove   = "prove"
	refused = "refused"
)

// outcomes are what becomes of an action with credentials in each kind of session.
var outcomes = map[policy.Action]map[string]string{
	policy.ChangeAccount: {"nobody": signIn, "password": in, "password, has an app": prove,
		"password, has a passkey": prove, "password and code": in, "passkey": in,
		"password and code, eleven minutes ago": prove, "single sign-on": prove, "single sign-on, has an app": prove,
		"single sign-on, has a passkey": prove, "password, then all ended": signIn,
		"password and code, then all ended": signIn, "support as the person": refused},
	// The email may take longer than a proof is good for.
	policy.ChangeEmail: {"nobody": signIn, "password": in, "password, has an app": prove,
		"password, has a passkey": prove, "password and code": in, "passkey": in,
		"password and code, eleven minutes ago": in, "single sign-on": prove, "single sign-on, has an app": prove,
		"single sign-on, has a passkey": prove, "password, then all ended": signIn,
		"password and code, then all ended": signIn, "support as the person": refused},
	policy.EndSessions: {"nobody": signIn, "password": in, "password, has an app": prove,
		"password, has a passkey": prove, "password and code": in, "passkey": in,
		"password and code, eleven minutes ago": in, "single sign-on": in, "single sign-on, has an app": prove,
		"single sign-on, has a passkey": prove, "password, then all ended": signIn,
		"password and code, then all ended": signIn, "support as the person": refused},
	policy.ProveOwn: {"nobody": signIn, "password": in, "password, has an app": in, "password, has a passkey": in,
		"password and code": in, "passkey": in, "password and code, eleven minutes ago": in, "single sign-on": in,
		"single sign-on, has an app": in, "single sign-on, has a passkey": in, "password, then all ended": signIn,
		"password and code, then all ended": signIn, "support as the person": refused},
	// What begins a session proves itself: by a password, a code, a link in an email, a provider.
	policy.SignIn: {"nobody": in, "password": in, "password, has an app": in, "password, has a passkey": in,
		"password and code": in, "passkey": in, "password and code, eleven minutes ago": in, "single sign-on": in,
		"single sign-on, has an app": in, "single sign-on, has a passkey": in, "password, then all ended": in,
		"password and code, then all ended": in, "support as the person": refused},
}

// ownPages are where people change how they sign in.
var ownPages = regexp.MustCompile(`^/(account|sign-in|sign-up|password-reset|sso)(/|$)`)

// notSigningIn are forms there by which nobody signs in: what is told to organizations, and the end of that; and a
// provider's word that somebody has signed out.
var notSigningIn = []string{"/account/profile", "/account/consents/:place/withdrawal",
	"/account/consents/:place/withdrawal/removal", "/sso/:place/logout"}

// credentialRoutes are the routes whose action is one with credentials. A form at an address of such pages that names
// another action is said.
func credentialRoutes(t *testing.T, routes []handlers.Route) (all []handlers.Route) {
	t.Helper()
	for _, r := range routes {
		spec, _ := policy.SpecOf(r.Action)
		switch {
		case slices.Contains(spec.Groups, "credentials"):
			all = append(all, r)
			if outcomes[r.Action] == nil {
				t.Errorf("%s %s: what may be done by whom? Say so here", r.Method, r.Path)
			}
		case r.Method == http.MethodPost && ownPages.MatchString(r.Path) && !slices.Contains(notSigningIn, r.Path):
			t.Errorf("%s %s is no action with credentials, by its line in the table", r.Method, r.Path)
		}
	}
	return all
}

// credentialSite serves the product behind its own policies, or others.
func credentialSite(t *testing.T, others *policy.Engine) *webtest.Site {
	t.Helper()
	return webtest.OpenWith(t, webtest.Options{Host: "localhost", DB: pgtest.Fresh(t, tenancy.Options{}),
		Web: func(s *web.Site) { s.Policies = others }})
}

// accounts looks at all rows by which an account signs in or will.
type accounts struct{ *pgx.Conn }

func (a accounts) rows(t *testing.T, id uuid.UUID) (sum string) {
	t.Helper()
	err := a.QueryRow(t.Context(), `select concat_ws(' ',
		(select a::text from directory.account a where a.id = $1),
		(select p::text from directory.password p where p.account_id = $1),
		(select x::text from directory.totp x where x.account_id = $1),
		(select count(*) from directory.passkey k where k.account_id = $1),
		(select string_agg(r::text, '' order by r.hash) from directory.recovery_code r where r.account_id = $1),
		(select string_agg(c::text, '') from directory.email_change c where c.account_id = $1),
		(select string_agg(c::text, '') from directory.password_reset c where c.account_id = $1),
		(select count(*) from directory.external_identity e where e.account_id = $1),
		(select count(*) from outbox.email))`, id).Scan(&sum)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// ask sends a request of a fresh account in one kind of session, says what became of it, and whether the account is
// another than before.
func (v visit) ask(t *testing.T, s *webtest.Site, look accounts, r handlers.Route) (became string, changed bool) {
	t.Helper()
	id := s.Account(t, "Maya Okafor")
	p := s.Known(t, id, id.String()+"@example.test", "Maya Okafor")
	if v.app {
		s.Admin(t, `insert into directory.totp (account_id, secret, confirmed_at) values ($1, 'x', now())`, id)
		s.Admin(t, `insert into directory.recovery_code (account_id, hash) values ($1, 'x')`, id)
	}
	passkey := uuid.New()
	if v.passkey {
		s.Admin(t, `insert into directory.passkey (id, account_id, credential_id, credential, name, created_at)
			values ($1, $2, $3, '{}', 'Phone', now())`, passkey, id, passkey[:])
	}
	other := s.Known(t, id, p.Email, p.Name)
	other.SignIn(2)
	v.begin(t, s, p)
	path := strings.NewReplacer(":place", s.Clinic().Slug, ":passkey", passkey.String(), ":token", "not-a-token",
		":session", uuid.NewString()).Replace(r.Path)
	before := look.rows(t, id)
	a := p.Do(r.Method, path, webtest.Form("email", uuid.NewString()+"@example.test", "name", "Phone"), "Referer",
		s.URL+"/account")
	became = in
	switch {
	case strings.HasPrefix(a.Location, "/sign-in?next"):
		became = signIn
	case strings.HasPrefix(a.Location, "/account/confirm"):
		became = prove
	case a.Status == http.StatusForbidden:
		became = refused
	case a.Status >= 500:
		t.Errorf("%s %s, %s: %d", r.Method, r.Path, v.name, a.Status)
	}
	return became, look.rows(t, id) != before
}

// misses walks all credential routes in all kinds of sessions, and says what is otherwise than the table has it.
func misses(t *testing.T, s *webtest.Site, say func(format string, args ...any)) (asked, changes int) {
	t.Helper()
	look := accounts{s.Connect(t, s.AdminURL())}
	for _, r := range credentialRoutes(t, s.Routes) {
		for _, v := range visits {
			became, changed := v.ask(t, s, look, r)
			asked++
			if want := outcomes[r.Action][v.name]; became != want {
				say("%s %s, %s: %s, not %s", r.Method, r.Path, v.name, became, want)
			} else if changed && want != in {
				say("%s %s, %s: %s, and done all the same", r.Method, r.Path, v.name, became)
			}
			if changed {
				changes++
			}
		}
	}
	return asked, changes
}

func TestA41AnActionWithCredentialsNeedsAsManyFactorsAsTheAccountHas(t *testing.T) {
	for action, table := range outcomes {
		if len(table) != len(visits) || !slices.Equal(slices.Sorted(maps.Keys(table)), names(visits)) {
			t.Errorf("%s: the table does not have each kind of session", action)
		}
	}
	asked, changes := misses(t, credentialSite(t, nil), t.Errorf)
	t.Logf("%d requests, of which %d changed something", asked, changes)
	if changes == 0 {
		t.Error("no request did anything: the test sees nothing")
	}
}

func TestA41NegativeControlWithoutThePolicyHalfASessionIsIn(t *testing.T) {
	engine := weakened(t, "when { context.missing_factor }", "when { false }")
	found := 0
	misses(t, credentialSite(t, engine), func(string, ...any) { found++ })
	if found == 0 {
		t.Error("nothing is found behind policies that ask for no factor")
	}
}

func names(all []visit) (out []string) {
	for _, v := range all {
		out = append(out, v.name)
	}
	slices.Sort(out)
	return out
}

// An organization's sign-in opens no page of a person's own, those neither that a page asks for by itself.
func TestAnOrganizationsSignInOpensNothingOfAPersonsOwn(t *testing.T) {
	s := webtest.Open(t)
	p, known := s.Person(t, "Maya Okafor"), s.Person(t, "Leo Silva")
	bySingleSignOn(t, s, p)
	asked := 0
	for _, r := range s.Routes {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, "/bookings") {
			continue
		}
		asked++
		path := strings.ReplaceAll(r.Path, ":booking", uuid.NewString())
		if a := p.Get(path); !strings.HasPrefix(a.Location, "/account/confirm") {
			t.Errorf("%s: %d %s", r.Path, a.Status, a.Location)
		}
		if a := known.Get(path); strings.HasPrefix(a.Location, "/account/confirm") {
			t.Errorf("control, %s with the password: %d %s", r.Path, a.Status, a.Location)
		}
	}
	if asked == 0 {
		t.Error("no page was asked for")
	}
}
