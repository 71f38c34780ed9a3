package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/document"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// canary is a text that only some may ever see.
type canary struct {
	text string
	kind string // chart: what an organization knows of a patient; note; account; team: who works there and is asked to
	at   int
	who  uuid.UUID // the patient's account
}

// organization is one with everything that belongs to it.
type organization struct {
	*pgtest.Clinic
	ids     map[string]string // for the parameters of addresses
	member  map[string]*person
	patient []*person
}

// person is somebody who asks, or an API client.
type person struct {
	*webtest.Person
	name  string
	at    int // the organization they belong to, or -1
	asker policy.Asker
	key   string
}

// matrix is the product over two organizations, with everybody who may ask it for something.
type matrix struct {
	*webtest.Site
	organizations []*organization
	all           []*person
	canaries      []canary
	engine        *policy.Engine
}

// newMatrix is behind the product's own policies, or behind others.
func newMatrix(t *testing.T, others *policy.Engine) *matrix {
	t.Helper()
	m := &matrix{Site: webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{MaxConns: 16}),
		Web: func(s *web.Site) { s.Policies = others }})}
	for n := range 2 {
		m.organizations = append(m.organizations, m.newOrganization(t, n))
	}
	var err error
	if m.engine, err = policy.Load(); err != nil {
		t.Fatal(err)
	}
	m.signIn(t)
	return m
}

// newPerson makes an account whose name and address are canaries.
func (m *matrix) newPerson(t *testing.T, name string, at int) *person {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	p := &person{Person: m.Known(t, id, "mail-"+id.String()+"@example.test", "Name "+id.String()), name: name, at: at,
		asker: policy.Asker{Account: id, SecondFactor: true, Recent: true}}
	m.Admin(t, `insert into directory.account (id, email, name) values ($1, $2, $3)`, id, p.Email, p.Name)
	m.all = append(m.all, p)
	return p
}

func (m *matrix) newOrganization(t *testing.T, n int) *organization {
	t.Helper()
	o := &organization{Clinic: m.NewClinic(t), ids: map[string]string{}, member: map[string]*person{}}
	for _, role := range policy.Roles() {
		p := m.newPerson(t, fmt.Sprintf("%s of %c", role, 'A'+n), n)
		p.asker.Roles = []string{role}
		o.member[role] = p
		membership := uuid.Must(uuid.NewV7())
		m.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, $4)`, membership,
			o.ID, p.ID, role)
		o.ids["member"] = membership.String() // the last one's, of the least role
		m.canaries = append(m.canaries, canary{p.ID.String()[9:], "team", n, p.ID})
	}
	for i := range 2 {
		o.patient = append(o.patient, m.newPatient(t, o, n, i))
	}
	invitation := uuid.Must(uuid.NewV7())
	token := make([]byte, 32)
	token[0], token[1] = byte(n+1), 7
	m.Admin(t, `insert into directory.invitation (id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at) values ($1, $2, $3, 'billing', $4, $5, now(), now() + interval '7 days')`,
		invitation, o.ID, "asked-"+invitation.String()+"@example.test", uuid.New().String(), o.member["owner"].ID)
	m.canaries = append(m.canaries, canary{"asked-" + invitation.String(), "team", n, uuid.Nil})
	o.ids["version"] = "1" // of what is asked before visits
	o.ids["place"], o.ids["listing"], o.ids["invitation"] = o.Slug, o.OfferingID.String(), invitation.String()
	o.ids["clinician"], o.ids["practitioner"] = o.Practitioner.String(), o.Practitioner.String()
	o.ids["location"], o.ids["service"], o.ids["change"] = o.Location.String(), o.Service.String(), uuid.NewString()
	o.ids["token"], o.ids["key"], o.ids["session"], o.ids["passkey"] = "not-a-token", "none", uuid.NewString(),
		uuid.NewString()
	o.ids["mail"], o.ids["role"], o.ids["alert"], o.ids["device"], o.ids["domain"], o.ids["*"] = "none", uuid.NewString(),
		uuid.NewString(), uuid.NewString(), "example.test", "app.js"
	o.ids["account"], o.ids["schedule"] = o.patient[0].ID.String(), uuid.NewString()
	imported := uuid.New()
	o.SQL(t, `insert into import_batch (id, kind, file_name, created_by, created_at)
		values ($1, 'practitioners', $2, $1, now())`, imported, "file-"+imported.String()+".csv")
	m.canaries = append(m.canaries, canary{"file-" + imported.String(), "import", n, uuid.Nil})
	o.ids["import"] = imported.String()
	return o
}

// newPatient is on file at the organization: a chart that differs from the account, a visit today, a time that is held.
func (m *matrix) newPatient(t *testing.T, o *organization, n, i int) *person {
	t.Helper()
	p := m.newPerson(t, fmt.Sprintf("patient %d of %c", i, 'A'+n), n)
	chart, visit, hold := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	mark := uuid.NewString()
	o.SQL(t, `insert into patient (id, account_id, name, born, phone, email) values ($1, $2, $3, '1988-03-27', $4, $5)`,
		chart, p.ID, "Chart "+mark, "+1401555"+fmt.Sprintf("%02d%02d", 10+n, 10+i), "chart-"+mark+"@example.test")
	start := m.Clock.Now().Truncate(time.Hour).Add(time.Duration(48+2*i) * time.Hour)
	o.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at, note, booked_at, is_new)
		values ($1, $2, $3, 'booked', $4, $5, $6, $7, $8, $9, $10, now(), true)`, visit, "KW-"+strings.ToUpper(mark[:9]), o.OfferingID, uuid.New(), p.ID, chart, o.Resources[0], start, start.Add(20*time.Minute), "Note "+mark)
	o.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at) values ($1, $2, $3, 'held', $4, now() + interval '1 hour', $5, $6, $7)`,
		hold, "KW-"+strings.ToUpper(mark[10:19]), o.OfferingID, uuid.New(), o.Resources[0], start.Add(time.Hour),
		start.Add(80*time.Minute))
	m.Admin(t, `insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at) values ($1, $2, $3, $4)`, visit, o.ID, p.ID, start)
	if i == 0 {
		o.ids["booking"], o.ids["appointment"], o.ids["patient"], o.ids["hold"] = visit.String(), visit.String(),
			chart.String(), hold.String()
		o.ids["day"] = start.Format(time.DateOnly)
		m.apply(t, o, n, p)
	}
	m.canaries = append(m.canaries, canary{"Chart " + mark, "chart", n, p.ID}, canary{"chart-" + mark, "chart", n, p.ID},
		canary{"Note " + mark, "note", n, p.ID},
		canary{"1401555" + fmt.Sprintf("%02d%02d", 10+n, 10+i), "chart", n, p.ID},
		canary{"Name " + p.ID.String(), "account", n, p.ID}, canary{"mail-" + p.ID.String(), "account", n, p.ID})
	return p
}

// apply begins an application to join whose answers are canaries.
func (m *matrix) apply(t *testing.T, o *organization, n int, p *person) {
	t.Helper()
	id, mark := uuid.New(), uuid.NewString()
	err := onboarding.Begin(t.Context(), m.Gateway, tenancy.Caller{Subject: p.ID}, id, p.Name, onboarding.Event{
		Kind: onboarding.Began, By: p.ID, At: m.Clock.Now(), Data: onboarding.Data{Kind: "clinic", State: "RI",
			Definition: onboarding.Latest, Answers: map[string]string{"npi": "1234567893", "name": "Applicant " + mark}}})
	if err != nil {
		t.Fatal(err)
	}
	o.ids["application"], o.ids["step"] = id.String(), "organization"
	o.ids["participant"], o.ids["link"] = p.ID.String(), uuid.NewString()
	m.canaries = append(m.canaries, canary{"Applicant " + mark, "application", n, p.ID})
	o.ids["document"], o.ids["upload"] = m.attach(t, id, p, "Document "+mark)
	m.canaries = append(m.canaries, canary{"Document " + mark, "application", n, p.ID})
}

// attach sends a document whose name and content are a canary, and begins to send another one.
func (m *matrix) attach(t *testing.T, application uuid.UUID, p *person, mark string) (sent, upload string) {
	t.Helper()
	file, err := document.Read(mark+".pdf", document.Sample(mark))
	if err != nil {
		t.Fatal(err)
	}
	scope := m.Gateway.AdmitApplicant(application, tenancy.Caller{Subject: p.ID})
	files := document.Files{Store: m.Store, Gateway: m.Gateway}
	err = files.Keep(t.Context(), scope, onboarding.Event{Step: "documents", By: p.ID, At: m.Clock.Now()}, file, "w9", "")
	if err != nil {
		t.Fatal(err)
	}
	_, a, err := onboarding.Load(t.Context(), m.Gateway, scope)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = onboarding.Act(t.Context(), m.Gateway, m.Gateway.AdmitApplicant(application, tenancy.Caller{Staff: true}),
		onboarding.Event{Kind: onboarding.Scanned, At: m.Clock.Now(), Data: onboarding.Data{Document: &onboarding.Document{
			ID: a.Documents["w9"].ID, State: onboarding.DocumentPassed}}})
	if err != nil {
		t.Fatal(err)
	}
	begun, err := files.Begin(t.Context(), scope, document.Upload{By: p.ID, Step: "documents", Kind: "insurance",
		Name: mark + ".pdf", Size: 100, Hash: strings.Repeat("0", 64)}, m.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a.Documents["w9"].ID.String(), begun.ID.String()
}

// signIn opens a session, or makes a key, for everybody.
func (m *matrix) signIn(t *testing.T) {
	t.Helper()
	for _, role := range policy.StaffRoles() {
		m.newStaff(t, role, role)
	}
	for _, p := range m.all {
		p.SignIn(2)
	}
	as, emergency := m.newStaff(t, "support as patient 0 of A", "support"),
		m.newStaff(t, "operator with A's emergency access", "operator")
	alice, a := m.organizations[0].patient[0].ID, m.organizations[0].ID
	access := m.begin(t, as, "impersonation", &alice, nil)
	m.begin(t, emergency, "emergency", nil, &a)
	as.asker.AsOther, as.asker.Account, as.asker.Staff = true, alice, nil
	emergency.asker.EmergencyAccess = a
	for n, o := range m.organizations {
		o.ids["access"] = access
		m.newKeys(t, n, o)
	}
	m.all = append(m.all, &person{name: "nobody", at: -1, Person: m.Visitor(t)})
}

func (m *matrix) newStaff(t *testing.T, name, role string) *person {
	t.Helper()
	p := m.newPerson(t, name, -1)
	p.asker.Staff = []string{role}
	m.Admin(t, `insert into directory.staff (id, account_id, role, created_at) values ($1, $2, $3, now() - interval '30 days')`, uuid.New(), p.ID, role)
	return p
}

// begin signs one of the staff in, who sees the site as somebody or has opened an organization's records.
func (m *matrix) begin(t *testing.T, p *person, kind string, somebody, tenant *uuid.UUID) string {
	t.Helper()
	id := uuid.New()
	m.Admin(t, `insert into directory.staff_access (id, kind, actor, person, tenant_id, reason, started_at, expires_at)
		values ($1, $2, $3, $4, $5, 'as the test says', now(), now() + interval '20 minutes')`, id, kind, p.ID, somebody, tenant)
	p.SignIn(2, "access", id.String(), "kind", kind)
	return id.String()
}

// newKeys makes a key of each scope.
func (m *matrix) newKeys(t *testing.T, n int, o *organization) {
	t.Helper()
	for _, scope := range identity.KeyScopes() {
		key, err := m.APIKeys.Create(t.Context(), o.Scope(o.member["owner"].ID),
			identity.NewKey{Name: "Key " + scope, Scopes: []string{scope}, Life: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		id := strings.Split(key, "_")[2]
		o.ids["key"] = id
		m.all = append(m.all, &person{name: fmt.Sprintf("key %s of %c", scope, 'A'+n), at: n, key: key,
			Person: m.APIClient(t, key),
			asker:  policy.Asker{Key: &policy.KeyScopes{ID: id, Tenant: o.ID, Scopes: []string{scope}}}})
	}
}
