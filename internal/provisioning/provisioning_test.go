package provisioning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/kyc"
	"kindward/internal/npi"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// founding is a database in which organizations want to join.
type founding struct {
	*pgtest.DB
	t     *testing.T
	zip   string            // where the location is, or 02906
	facts map[string]string // that registers tell
}

func open(t *testing.T) founding {
	t.Helper()
	f := founding{DB: pgtest.Fresh(t, tenancy.Options{}), t: t}
	_, err := f.Connect(t, f.AdminURL()).Exec(t.Context(), `insert into market.zip_code (zip, town, state, lat, lon)
		values ('02906', 'Providence', 'RI', 41.83, -71.39) on conflict do nothing`)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f founding) provisioner() *Provisioner {
	return &Provisioner{Owner: f.Owner, Gateway: f.Gateway, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

func (f founding) act(id uuid.UUID, who tenancy.Caller, e onboarding.Event) {
	f.t.Helper()
	e.At, e.By = time.Now(), who.Subject
	if _, _, err := onboarding.Act(f.t.Context(), f.Gateway, f.Gateway.AdmitApplicant(id, who), e); err != nil {
		f.t.Fatalf("%s: %v", e.Kind, err)
	}
}

// submitted is an application of somebody that waits for the staff.
func (f founding) submitted(kind, name string) (id uuid.UUID, who tenancy.Caller) {
	f.t.Helper()
	id, who = uuid.New(), tenancy.Caller{Subject: f.Account(f.t, "Alice")}
	number := npi.Made("123456789")
	err := onboarding.Begin(f.t.Context(), f.Gateway, who, id, "Alice", onboarding.Event{Kind: onboarding.Began,
		By: who.Subject, At: time.Now(), Data: onboarding.Data{Kind: kind, State: "RI", Definition: onboarding.Latest,
			Answers: map[string]string{"npi": number}}})
	if err != nil {
		f.t.Fatal(err)
	}
	var a onboarding.Application
	scope := f.Gateway.AdmitApplicant(id, who)
	for range 2 { // some registers are asked when all is answered
		if _, err := onboarding.Hear(f.t.Context(), f.Gateway, id, time.Now(), onboarding.Checked{
			Result: onboarding.Pass, Facts: f.facts}); err != nil {
			f.t.Fatal(err)
		}
		a, err = onboarding.Fill(f.t.Context(), f.Gateway, scope, who.Subject, time.Now(), map[string]string{"name": name,
			"known_as": name, "zip": cmp.Or(f.zip, "02906"), "city": "Providence", "suite": "Floor 2"})
	}
	if err != nil || a.Status != onboarding.Submitted {
		f.t.Fatalf("%s, %v", a.Status, err)
	}
	return id, who
}

func (f founding) reviewer() tenancy.Caller {
	return tenancy.Caller{Subject: f.Account(f.t, "Rita"), Staff: true}
}

func (f founding) approved(kind, name string) uuid.UUID {
	f.t.Helper()
	id, _ := f.submitted(kind, name)
	f.approve(id, f.reviewer())
	return id
}

// approve is what a reviewer does from the queue to the end.
func (f founding) approve(id uuid.UUID, rita tenancy.Caller) {
	f.t.Helper()
	f.act(id, rita, onboarding.Event{Kind: onboarding.Claimed})
	scope := f.Gateway.AdmitApplicant(id, rita)
	if err := onboarding.AcceptDocuments(f.t.Context(), f.Gateway, scope, rita.Subject, time.Now()); err != nil {
		f.t.Fatal(err)
	}
	f.act(id, rita, onboarding.Event{Kind: onboarding.Approval, Data: onboarding.Data{
		Signature: &onboarding.Signature{Name: "Rita", Proof: "totp"}}})
}

// made is all that there is of an organization, without ids and times.
func (f founding) made(id uuid.UUID) string {
	f.t.Helper()
	t, err := f.Gateway.TenantByID(f.t.Context(), id)
	if err != nil {
		return err.Error()
	}
	return pgtest.One[string](f.t, f.DB, `select string_agg(what, '; ' order by what) from (
		select 'organization ' || kind || ' ' || name || ' ' || phone || ' ' || zone || ' ' || schema_version as what
			from directory.tenant where id = $1
		union all select 'member ' || m.role || ' ' || a.name from directory.membership m
			join directory.account a on a.id = m.account_id where m.tenant_id = $1
		union all select 'location ' || concat_ws(' ', name, street, city, state, zip, lat, lon, zone, phone)
			from `+t.Schema+`.location
		union all select distinct 'event ' || kind from outbox.event where tenant_id = $1
		union all select 'status ' || status from onboarding.application where tenant_id = $1
		union all select 'log ' || version || ' ' || kind || ' ' || step from onboarding.log where tenant_id = $1
		union all select 'audit ' || resource || ' ' || action || ' ' || count(*) from audit.event where tenant_id = $1
			group by resource, action) x`, id)
}

func TestAnApprovedApplicationOfEachKindBecomesAnOrganizationWithAnOwnerAndALocation(t *testing.T) {
	f := open(t)
	for _, kind := range onboarding.Kinds {
		id := f.approved(kind, "Harbor & Sons’ "+kind)
		f.provisioner().Round(t.Context())
		tenant, err := f.Gateway.TenantByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if want := "harbor-and-sons-" + strings.ReplaceAll(kind, "_", "-"); tenant.Slug != want {
			t.Errorf("its word is %q, not %q", tenant.Slug, want)
		}
		got := f.made(id)
		for _, want := range []string{"organization " + kind + " Harbor & Sons’ " + kind + " 401-555-0142 America/New_York",
			"member owner Alice", "Narragansett, Floor 2 Providence RI 02906 41.83 -71.39 America/New_York 401-555-0142",
			"event market.published", "status live"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %s", kind, want, got)
			}
		}
	}
}

func Test33AZIPCodeThatIsNotListedMakesALocationAndTheLicenseBoundsIt(t *testing.T) {
	f := open(t)
	f.zip, f.facts = "02901", map[string]string{kyc.FactFrom: "2026-01-01", kyc.FactUntil: "2031-06-30"}
	id := f.approved("clinic", "Harbor")
	f.provisioner().Round(t.Context())
	if got := f.made(id); !strings.Contains(got, "Providence RI 02901 41.83 -71.39") {
		t.Errorf("no location: %s", got)
	}
	tenant, err := f.Gateway.TenantByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	days := pgtest.One[string](t, f.DB, "select valid_from || ' ' || valid_until from "+tenant.Schema+".location")
	if days != "2026-01-01 2031-06-30" {
		t.Errorf("its days are %s", days)
	}
}

// errKilled stands for the end of the process.
var errKilled = errors.New("killed")

func TestStoppedAtEachBoundaryOfEachStepItGoesOnAndEndsAsWithoutFaults(t *testing.T) {
	f := open(t)
	smooth := f.approved("clinic", "Harbor")
	var boundaries []string
	p := f.provisioner()
	p.stop = func(at string) error { boundaries = append(boundaries, at); return nil }
	if err := p.Provision(t.Context(), smooth); err != nil {
		t.Fatal(err)
	}
	if len(boundaries) != 3*len(onboarding.Provisioning) {
		t.Fatalf("boundaries: %v", boundaries)
	}
	want := f.made(smooth)
	for _, at := range boundaries {
		id := f.approved("clinic", "Harbor")
		p := f.provisioner()
		p.stop = func(here string) error {
			if here == at {
				return errKilled
			}
			return nil
		}
		if err := p.Provision(t.Context(), id); !errors.Is(err, errKilled) {
			t.Errorf("%s: %v", at, err)
		}
		if f.made(id) == want && at != boundaries[len(boundaries)-1] {
			t.Errorf("control: stopped at %s all is made", at)
		}
		f.provisioner().Round(t.Context())
		if got := f.made(id); got != want {
			t.Errorf("stopped at %s it ends as\n%s, not\n%s", at, got, want)
		}
	}
}

func TestA67OfFourProvisionersAtOnceOneOrganizationComes(t *testing.T) {
	f := open(t)
	calm := f.approved("clinic", "Harbor")
	f.provisioner().Round(t.Context())
	id := f.approved("clinic", "Harbor")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { _ = f.provisioner().Provision(t.Context(), id) })
	}
	all.Wait()
	if err := f.provisioner().Provision(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got, want := f.made(id), f.made(calm); got != want {
		t.Errorf("at once they made\n%s, not\n%s", got, want)
	}
	if n := f.Count(t, `select count(*) from directory.tenant where name = 'Harbor'`); n != 2 {
		t.Errorf("%d organizations", n)
	}
}

func TestA67OfTwoProcessesOneHasTheTurnAndTheOtherTakesItOver(t *testing.T) {
	f := open(t)
	runs := func() bool {
		is, err := f.Gateway.Public().ProvisionerRuns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if runs() {
		t.Fatal("control: somebody has the turn before anybody asks")
	}
	ctx, stop := context.WithCancel(t.Context())
	var turns sync.Map
	var all sync.WaitGroup
	lead := func(ctx context.Context, who string) {
		all.Go(func() {
			_ = f.Owner.Lead(ctx, time.Millisecond, func(context.Context) { turns.Store(who, true) })
		})
	}
	had := func(who string) bool { _, ok := turns.Load(who); return ok }
	lead(ctx, "first")
	wait(t, func() bool { return had("first") })
	second, end := context.WithCancel(t.Context())
	lead(second, "second")
	if !runs() || had("second") {
		t.Error("two have the turn, or none")
	}
	stop()
	wait(t, func() bool { return had("second") })
	end()
	all.Wait()
	wait(t, func() bool { return !runs() })
}

// wait is until something is so.
func wait(t *testing.T, so func() bool) {
	t.Helper()
	for until := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("it never is")
		}
	}
}

func TestA67AnIDThatIsNotApprovedMakesNothingWhoeverNamesIt(t *testing.T) {
	f := open(t)
	rita := f.reviewer()
	end := map[string]func() uuid.UUID{
		"none": uuid.New,
		"open": func() uuid.UUID {
			id, _ := f.submitted("clinic", "Open")
			f.act(id, rita, onboarding.Event{Kind: onboarding.Claimed})
			f.act(id, rita, onboarding.Event{Kind: onboarding.Returned, Data: onboarding.Data{Reason: "More.",
				Steps: []string{"location"}}})
			return id
		},
		"submitted": func() uuid.UUID { id, _ := f.submitted("clinic", "Submitted"); return id },
		"withdrawn": func() uuid.UUID {
			id, who := f.submitted("clinic", "Withdrawn")
			f.act(id, who, onboarding.Event{Kind: onboarding.Withdrew})
			return id
		},
		"rejected": func() uuid.UUID {
			id, _ := f.submitted("clinic", "Rejected")
			f.act(id, rita, onboarding.Event{Kind: onboarding.Claimed})
			f.act(id, rita, onboarding.Event{Kind: onboarding.Rejection, Data: onboarding.Data{Reason: "No clinic."}})
			return id
		},
		"whose row says so and log does not": func() uuid.UUID {
			id, _ := f.submitted("clinic", "Forged")
			f.Admin(t, `update onboarding.application set status = 'approved' where tenant_id = $1`, id)
			return id
		},
	}
	for what, made := range end {
		id := made()
		if err := f.provisioner().Provision(t.Context(), id); !errors.Is(err, ErrNotApproved) {
			t.Errorf("%s: %v", what, err)
		}
		f.provisioner().Round(t.Context())
		if n := f.Count(t, `select count(*) from directory.tenant where id = $1`, id); n != 0 {
			t.Errorf("%s: an organization was made", what)
		}
	}
}

func TestA67AnApplicationUnderTheIDOfAnOrganizationGetsNothingOfIt(t *testing.T) {
	f := open(t)
	id := f.approved("clinic", "Harbor")
	// an organization of that id, older than the approval: nobody can choose an id, so somebody got past that, and their
	// application may say that it began long ago
	_, err := f.Owner.Provision(t.Context(), tenancy.Tenant{ID: id, Slug: "older", Kind: "clinic", Name: "Older",
		Zone: "America/New_York"})
	if err != nil {
		t.Fatal(err)
	}
	f.Admin(t, `update directory.tenant set created_at = created_at - interval '1 day' where id = $1`, id)
	f.Admin(t, `update onboarding.log set at = at - interval '2 days' where tenant_id = $1 and kind = 'began'`, id)
	if err := f.provisioner().Provision(t.Context(), id); !errors.Is(err, tenancy.ErrTenantTaken) {
		t.Errorf("%v", err)
	}
	if n := f.Count(t, `select count(*) from directory.membership where tenant_id = $1`, id); n != 0 {
		t.Error("somebody owns it now")
	}
}

func TestA68NoTicketOfAnApplicantWritesADecisionIntoTheLog(t *testing.T) {
	f := open(t)
	id, alice := f.submitted("clinic", "Harbor")
	forge := func(who tenancy.Caller, by uuid.UUID, kind onboarding.EventKind) error {
		return f.Gateway.WithinShared(t.Context(), f.Gateway.AdmitApplicant(id, who), writing(t.Context(), by, kind))
	}
	rita, guest := f.reviewer(), uuid.New()
	gated := pgtest.One[[]string](t, f.DB, `select array_agg(m[1] order by m[1] collate "C") from pg_policy,
		regexp_matches(pg_get_expr(polwithcheck, polrelid), '''(\w+)''::text', 'g') m
		where polname = 'decide' and polrelid = 'onboarding.log'::regclass`)
	if want := fmt.Sprint(onboarding.StaffKinds); fmt.Sprint(gated) != want {
		t.Errorf("the gate keeps %v for the staff, not %s", gated, want)
	}
	for _, kind := range onboarding.StaffKinds {
		for _, who := range []tenancy.Caller{alice, {}} { // or of a guest
			if err := forge(who, who.Subject, kind); tenancy.Code(err) != "42501" {
				t.Errorf("%s: %v", kind, err)
			}
		}
		if err := forge(rita, rita.Subject, kind); !errors.Is(err, errKilled) {
			t.Errorf("control: %s of the staff: %v", kind, err)
		}
	}
	for what, err := range map[string]error{"an answer of a reviewer's": forge(alice, rita.Subject, onboarding.Answered),
		"a waiver of another's": forge(rita, alice.Subject, onboarding.Waiving)} {
		if tenancy.Code(err) != "42501" {
			t.Errorf("%s: %v", what, err)
		}
	}
	says := func(who tenancy.Caller) error {
		return f.Gateway.WithinShared(t.Context(), f.Gateway.AdmitApplicant(id, who), func(q *shareddb.Queries) error {
			return cmp.Or(q.AddCheckResult(t.Context(), shareddb.AddCheckResultParams{Version: 99, Step: "registry",
				Kind: "npi", Subject: "1234567893", Result: "PASS", Facts: []byte("{}"), At: time.Now()}), errKilled)
		})
	}
	if err := says(alice); tenancy.Code(err) != "42501" {
		t.Errorf("what a register says, by an applicant: %v", err)
	}
	if err := says(rita); !errors.Is(err, errKilled) {
		t.Errorf("control: what a register says, by the worker: %v", err)
	}
	for what, err := range map[string]error{"an applicant's": forge(alice, alice.Subject, onboarding.Withdrew),
		"a guest's answer": forge(tenancy.Caller{}, guest, onboarding.Answered)} {
		if !errors.Is(err, errKilled) {
			t.Errorf("control: %s: %v", what, err)
		}
	}
}

// writing writes an event past the state table, as SQL that somebody has injected would, and takes it back.
func writing(ctx context.Context, by uuid.UUID, kind onboarding.EventKind) func(*shareddb.Queries) error {
	return func(q *shareddb.Queries) error {
		err := q.AddApplicationEvent(ctx, shareddb.AddApplicationEventParams{Kind: string(kind), Version: 99,
			Data: []byte("{}"), By: &by, At: time.Now()})
		if err == nil {
			err = errKilled
		}
		return err
	}
}

func TestWordsForAddressesAreReadableAndOneIsAlwaysFree(t *testing.T) {
	id := uuid.UUID{0xab, 0xcd}
	for name, want := range map[string]string{"St. Mary's & Co": "st-marys-and-co", "  ": "organization",
		"Clínica": "cl-nica", strings.Repeat("Long name ", 9): "long-name-long-name-long-name-long-name"} {
		got := slugs(name, "Fall River", id)
		if got[0] != want || got[1] != want+"-fall-river" || !strings.HasSuffix(got[2], "-abcd0000") {
			t.Errorf("%q: %v", name, got)
		}
	}
	for _, state := range onboarding.States {
		if onboarding.Zones[state] == "" {
			t.Errorf("%s has no zone", state)
		}
	}
	f := open(t)
	var all []string
	for range 3 {
		id := f.approved("clinic", "Same Name")
		f.provisioner().Round(t.Context())
		tenant, err := f.Gateway.TenantByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, tenant.Slug)
	}
	if !slices.Equal(all[:2], []string{"same-name", "same-name-providence"}) || len(all[2]) != len("same-name-")+8 {
		t.Error(fmt.Sprint(all))
	}
}
