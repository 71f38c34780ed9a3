package handlers_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
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
	"kindward/internal/policy"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// canary is a text that only some may ever see.
type canary struct {
	text string
	kind string // chart: what an organization knows of a patient; note; account; team: who works there and is asked to
	side int
	who  uuid.UUID // the patient's account
}

// side is one organization with everything that belongs to it.
type side struct {
	*pgtest.Clinic
	ids     map[string]string // for the parameters of addresses
	member  map[string]*persona
	patient []*persona
	keys    map[string]string
}

// persona is somebody who asks.
type persona struct {
	name  string
	id    uuid.UUID
	side  int // the organization they belong to, or -1
	asker policy.Asker
	key   string
	http  *http.Client
}

type cast struct {
	*pgtest.DB
	*httptest.Server
	routes   []handlers.Route
	sides    []*side
	all      []*persona
	canaries []canary
	log      *lines
	letters  []identity.Letter
	accounts *identity.Accounts
	mu       sync.Mutex
	engine   *policy.Engine
}

// lines is a log that can be read back.
type lines struct {
	mu  sync.Mutex
	buf strings.Builder
}

// Write keeps a line.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// newCast is the whole product over two organizations with everybody in them, behind its own policies or others.
func newCast(t *testing.T, others *policy.Engine) *cast {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c := &cast{DB: pgtest.Fresh(t, tenancy.Options{MaxConns: 12}), log: &lines{}}
	for n := range 2 {
		c.sides = append(c.sides, c.newSide(t, n))
	}
	market, err := search.OpenMarket(t.Context(), c.Gateway, time.UTC, time.Now)
	must(err)
	t.Cleanup(market.Close)
	must(market.Sweep(t.Context(), false))
	e := echo.New()
	c.Server = httptest.NewServer(e)
	t.Cleanup(c.Server.Close)
	base, err := url.Parse(c.URL)
	must(err)
	log := slog.New(slog.NewJSONHandler(c.log, nil))
	c.accounts = identity.NewAccounts(c.Gateway, c.Keys, base, time.Now, log, c.take)
	t.Cleanup(c.accounts.Wait)
	keys := identity.APIKeys{Gateway: c.Gateway, Now: time.Now}
	site := &web.Site{Gateway: c.Gateway, Keys: c.Keys, BaseURL: base, Log: log, HoldRate: rate.Inf, FindKey: api.Finder(keys), Policies: others}
	c.routes = handlers.Routes(handlers.Pages{Patient: &patient.Handlers{Gateway: c.Gateway, Market: market, Keep: c.accounts.KeepDetails, Notify: func() {}},
		Account: &account.Handlers{Accounts: c.accounts, Zone: time.UTC}, Styleguide: &styleguide.Handlers{}, Ops: &ops.Handlers{Gateway: c.Gateway, Accounts: c.accounts, Zone: time.UTC},
		Provider: &provider.Handlers{Gateway: c.Gateway, Accounts: c.accounts, Keys: keys, Notify: func() {}}, API: &api.Handlers{Gateway: c.Gateway, Market: market}})
	handlers.Mount(e, c.routes)
	e.POST("/walk-in/:account/:access/:kind", walkIn)
	must(site.Wrap(e))
	c.engine, err = policy.Load()
	must(err)
	c.people(t, keys)
	return c
}

func (c *cast) take(_ context.Context, l identity.Letter) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.letters = append(c.letters, l)
	return nil
}

// walkIn signs in with two factors, and begins to act if there is something to act by.
func walkIn(c echo.Context) error {
	id, err := web.ID(c, "account")
	if err != nil {
		return err
	}
	if err := web.SignIn(c, identity.Account{ID: id}, web.Proof{Factors: 2, How: "passkey"}); err != nil {
		return err
	}
	if access, err := web.ID(c, "access"); err == nil && access != uuid.Nil {
		if err := web.BeginStaffAccess(c, access, c.Param("kind")); err != nil {
			return err
		}
	}
	return web.Redirect(c, "/")
}

// person makes an account whose name and address are canaries.
func (c *cast) person(t *testing.T, name string, side int) *persona {
	t.Helper()
	p := &persona{name: name, id: uuid.Must(uuid.NewV7()), side: side, asker: policy.Asker{SecondFactor: true, Recent: true}}
	p.asker.Account = p.id
	c.Admin(t, `insert into directory.account (id, email, name) values ($1, $2, $3)`, p.id, "mail-"+p.id.String()+"@example.test", "Name "+p.id.String())
	c.all = append(c.all, p)
	return p
}

func (c *cast) newSide(t *testing.T, n int) *side {
	t.Helper()
	s := &side{Clinic: c.Clinic(t), ids: map[string]string{}, member: map[string]*persona{}, keys: map[string]string{}}
	for _, role := range policy.Roles() {
		p := c.person(t, fmt.Sprintf("%s of %c", role, 'A'+n), n)
		p.asker.Roles = []string{role}
		s.member[role] = p
		membership := uuid.Must(uuid.NewV7())
		c.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, $4)`, membership, s.ID, p.id, role)
		s.ids["member"] = membership.String() // the last one's, of the least role
		c.canaries = append(c.canaries, canary{p.id.String()[9:], "team", n, p.id})
	}
	for i := range 2 {
		s.patient = append(s.patient, c.newPatient(t, s, n, i))
	}
	invitation := uuid.Must(uuid.NewV7())
	token := make([]byte, 32)
	token[0], token[1] = byte(n+1), 7
	c.Admin(t, `insert into directory.invitation (id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at) values ($1, $2, $3, 'billing', $4, $5, now(), now() + interval '7 days')`,
		invitation, s.ID, "asked-"+invitation.String()+"@example.test", uuid.New().String(), s.member["owner"].id)
	c.canaries = append(c.canaries, canary{"asked-" + invitation.String(), "team", n, uuid.Nil})
	s.ids["place"], s.ids["listing"], s.ids["invitation"] = s.Slug, s.OfferingID.String(), invitation.String()
	s.ids["token"], s.ids["key"], s.ids["session"], s.ids["passkey"] = "not-a-token", "none", uuid.NewString(), uuid.NewString()
	s.ids["mail"], s.ids["role"], s.ids["alert"], s.ids["device"], s.ids["domain"], s.ids["*"] = "none", uuid.NewString(), uuid.NewString(), uuid.NewString(), "example.test", "app.js"
	s.ids["account"] = s.patient[0].id.String()
	return s
}

// newPatient is on file at the organization: a chart that differs from the account, a visit today, a time that is held.
func (c *cast) newPatient(t *testing.T, s *side, n, i int) *persona {
	t.Helper()
	p := c.person(t, fmt.Sprintf("patient %d of %c", i, 'A'+n), n)
	chart, visit, hold := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	mark := uuid.NewString()
	s.SQL(t, `insert into patient (id, account_id, name, born, phone, email) values ($1, $2, $3, '1988-03-27', $4, $5)`, chart, p.id, "Chart "+mark, "+1401555"+fmt.Sprintf("%02d%02d", 10+n, 10+i), "chart-"+mark+"@example.test")
	start := time.Now().Truncate(time.Hour).Add(time.Duration(48+2*i) * time.Hour)
	s.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at, note, booked_at, is_new)
		values ($1, $2, $3, 'booked', $4, $5, $6, $7, $8, $9, $10, now(), true)`, visit, "KW-"+strings.ToUpper(mark[:9]), s.OfferingID, uuid.New(), p.id, chart, s.Resources[0], start, start.Add(20*time.Minute), "Note "+mark)
	s.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at) values ($1, $2, $3, 'held', $4, now() + interval '1 hour', $5, $6, $7)`,
		hold, "KW-"+strings.ToUpper(mark[10:19]), s.OfferingID, uuid.New(), s.Resources[0], start.Add(time.Hour), start.Add(80*time.Minute))
	c.Admin(t, `insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at) values ($1, $2, $3, $4)`, visit, s.ID, p.id, start)
	if i == 0 {
		s.ids["booking"], s.ids["appointment"], s.ids["patient"], s.ids["hold"] = visit.String(), visit.String(), chart.String(), hold.String()
		s.ids["day"] = start.Format(time.DateOnly)
	}
	c.canaries = append(c.canaries, canary{"Chart " + mark, "chart", n, p.id}, canary{"chart-" + mark, "chart", n, p.id}, canary{"Note " + mark, "note", n, p.id},
		canary{"1401555" + fmt.Sprintf("%02d%02d", 10+n, 10+i), "chart", n, p.id}, canary{"Name " + p.id.String(), "account", n, p.id}, canary{"mail-" + p.id.String(), "account", n, p.id})
	return p
}

// people opens a session, or makes a key, for everybody.
func (c *cast) people(t *testing.T, keys identity.APIKeys) {
	t.Helper()
	for _, role := range policy.StaffRoles() {
		p := c.person(t, role, -1)
		p.asker.Staff = []string{role}
		c.Admin(t, `insert into directory.staff (id, account_id, role) values ($1, $2, $3)`, uuid.New(), p.id, role)
	}
	access := map[*persona][2]string{}
	as := c.person(t, "support as patient 0 of A", -1)
	emergency := c.person(t, "operator with A's emergency access", -1)
	for p, role := range map[*persona]string{as: "support", emergency: "operator"} {
		c.Admin(t, `insert into directory.staff (id, account_id, role) values ($1, $2, $3)`, uuid.New(), p.id, role)
		p.asker.Staff = []string{role}
	}
	alice := c.sides[0].patient[0]
	for p, kind := range map[*persona]string{as: "impersonation", emergency: "emergency"} {
		id := uuid.New()
		var person, tenant *uuid.UUID
		if p == as {
			person = &alice.id
		} else {
			tenant = &c.sides[0].ID
		}
		c.Admin(t, `insert into directory.staff_access (id, kind, actor, person, tenant_id, reason, started_at, expires_at) values ($1, $2, $3, $4, $5, 'as the test says', now(), now() + interval '20 minutes')`, id, kind, p.id, person, tenant)
		access[p] = [2]string{id.String(), kind}
	}
	as.asker.AsOther, as.asker.Account, as.asker.Staff = true, alice.id, nil
	emergency.asker.EmergencyAccess = c.sides[0].ID
	for _, s := range c.sides {
		s.ids["access"] = access[as][0]
	}
	for _, p := range c.all {
		p.http = c.client(t)
		act := access[p]
		if act[0] == "" {
			act = [2]string{uuid.Nil.String(), "none"}
		}
		res := c.ask(t, p, "POST", "/walk-in/"+p.id.String()+"/"+act[0]+"/"+act[1], false)
		if res.status != http.StatusSeeOther {
			t.Fatal(p.name, res.status, res.body)
		}
	}
	for n, s := range c.sides {
		for _, scope := range identity.KeyScopes() {
			key, err := keys.Create(t.Context(), s.Scope(s.member["owner"].id), identity.NewKey{Name: "Key " + scope, Scopes: []string{scope}, Life: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			id := strings.Split(key, "_")[2]
			s.ids["key"] = id
			c.all = append(c.all, &persona{name: fmt.Sprintf("key %s of %c", scope, 'A'+n), side: n, key: key, http: c.client(t),
				asker: policy.Asker{Key: &policy.KeyScopes{ID: id, Tenant: s.ID, Scopes: []string{scope}}}})
		}
	}
	c.all = append(c.all, &persona{name: "nobody", side: -1, http: c.client(t)})
}

func (c *cast) client(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
