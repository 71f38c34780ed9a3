package onboarding_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
)

// sends is an application of a clinic of limited risk, sent, that is no sample, with a number and a name.
func (o *office) sends(number, name string) uuid.UUID {
	o.t.Helper()
	id := o.begins(number)
	for o.sampled(id) {
		o.now = o.now.Add(time.Second)
		id = o.begins(number)
	}
	scope := o.db.Gateway.AdmitApplicant(id, tenancy.Caller{})
	_, a, err := onboarding.Load(o.t.Context(), o.db.Gateway, scope)
	if err != nil {
		o.t.Fatal(err)
	}
	scope = o.db.Gateway.AdmitApplicant(id, tenancy.Caller{Subject: a.Began})
	for range 2 {
		_, err := onboarding.Hear(o.t.Context(), o.db.Gateway, id, o.now, onboarding.Checked{Result: onboarding.Pass,
			Facts: map[string]string{"official_first": "ADA", "official_last": "MEDEIROS", "verified": "ada medeiros"}})
		if err != nil {
			o.t.Fatal(err)
		}
		a, err = onboarding.Fill(o.t.Context(), o.db.Gateway, scope, a.Began, o.now, map[string]string{"name": name,
			"contact": "Ada Medeiros", "practitioner_owned": "yes", "tests": "no"})
		if err != nil {
			o.t.Fatal(err)
		}
	}
	if a.Status != onboarding.Submitted {
		o.t.Fatalf("it is %s, %+v", a.Status, a.Steps)
	}
	return id
}

// sampled tells whether a person looks at an application all the same.
func (o *office) sampled(id uuid.UUID) bool {
	d, a := o.application(id)
	_, doubts := d.Automatic(a)
	return slices.ContainsFunc(doubts, func(doubt string) bool { return strings.Contains(doubt, "one in") })
}

func (o *office) application(id uuid.UUID) (*onboarding.Definition, onboarding.Application) {
	o.t.Helper()
	d, a, err := onboarding.Load(o.t.Context(), o.db.Gateway, o.db.Gateway.AdmitApplicant(id, tenancy.Caller{}))
	if err != nil {
		o.t.Fatal(err)
	}
	return d, a
}

func Test39TheWorkerApprovesWhatNobodyHasToLookAtAndWhatIsLikeAnotherWaits(t *testing.T) {
	o := openOffice(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	first := o.sends("1234567893", "Narragansett Pediatrics")
	o.round(t.Context())
	if _, a := o.application(first); a.Status != onboarding.Approved || a.ApprovedAt.IsZero() {
		t.Fatalf("it is %s, %v", a.Status, a.Steps[onboarding.Reviewed])
	}
	if n := o.db.Count(t, `select count(*) from audit.event where tenant_id = $1 and resource = 'Application'
		and action in ('compared', 'approved') and actor is null`, first); n != 2 {
		t.Errorf("the audit has %d events of nobody", n)
	}
	if n := o.db.Count(t, `select count(*) from onboarding.signature where tenant_id = $1 and side = 'platform'
		and by is null and proof = 'rules' and name = 'Kindward'`, first); n != 1 {
		t.Errorf("it has %d countersignatures by nobody", n)
	}
	second := o.sends("1234567893", "Another Name")
	for range 3 {
		o.round(t.Context())
	}
	d, a := o.application(second)
	_, doubts := d.Automatic(a)
	if a.Status != onboarding.Submitted || !slices.Equal(a.Similar, []uuid.UUID{first}) ||
		!slices.Equal(doubts, []string{"Others may be the same organization."}) {
		t.Errorf("with the same number it is %s, like %v: %v", a.Status, a.Similar, doubts)
	}
	if n := o.db.Count(t, `select count(*) from onboarding.log where tenant_id = $1 and kind = 'compared'`, second); n != 1 {
		t.Errorf("it was compared %d times", n)
	}
	if n := o.db.Count(t, `select count(*) from onboarding.step where tenant_id = $1 and key = 'review'
		and next_at is not null`, second); n != 0 {
		t.Error("the worker looks at it again and again")
	}
}

func TestA71NoTicketOfAnApplicantApprovesWithoutAPerson(t *testing.T) {
	o := openOffice(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	id := o.sends("1234567893", "Narragansett Pediatrics")
	_, a := o.application(id)
	hers := o.db.Gateway.AdmitApplicant(id, tenancy.Caller{Subject: a.Began})
	for _, e := range []onboarding.Event{{Kind: onboarding.Compared}, {Kind: onboarding.Approval,
		Data: onboarding.Data{Reasons: []string{"Because."}}}} {
		e.At = o.now
		if _, _, err := onboarding.Act(t.Context(), o.db.Gateway, hers, e); err == nil {
			t.Errorf("%s with her ticket", e.Kind)
		}
	}
	o.round(t.Context())
	if _, a := o.application(id); a.Status != onboarding.Approved {
		t.Errorf("control: the worker leaves it %s", a.Status)
	}
}
