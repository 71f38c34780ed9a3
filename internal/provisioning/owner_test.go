package provisioning

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestWhoeverSentTheApplicationOwnsTheOrganizationIfTheyTakePartStill(t *testing.T) {
	f := open(t)
	for _, leaves := range []bool{false, true} {
		id, alice := f.submitted("clinic", "Harbor")
		rita, leo := f.reviewer(), tenancy.Caller{Subject: f.Account(t, "Leo")}
		f.act(id, leo, onboarding.Event{Kind: onboarding.Joined, Data: onboarding.Data{Name: "Leo"}})
		f.act(id, rita, onboarding.Event{Kind: onboarding.Claimed})
		f.act(id, rita, onboarding.Event{Kind: onboarding.Returned, Data: onboarding.Data{Reason: "More.",
			Steps: []string{"location"}}})
		a, err := onboarding.Fill(t.Context(), f.Gateway, f.Gateway.AdmitApplicant(id, leo), leo.Subject, time.Now(), nil)
		if err != nil || a.Sent != leo.Subject || a.Participants[0] != alice.Subject {
			t.Fatalf("control: sent by %s, %v, %v", a.Sent, a.Participants, err)
		}
		want := leo.Subject
		if leaves {
			want = alice.Subject
			f.act(id, leo, onboarding.Event{Kind: onboarding.Left, Data: onboarding.Data{Who: leo.Subject}})
		}
		f.approve(id, rita)
		f.provisioner().Round(t.Context())
		owners := pgtest.One[[]uuid.UUID](t, f.DB, `select array_agg(account_id) from directory.membership
			where tenant_id = $1 and role = 'owner'`, id)
		if len(owners) != 1 || owners[0] != want {
			t.Errorf("left: %t, owned by %v, not %s", leaves, owners, want)
		}
	}
}

func TestWhatCannotBeMadeIsLeftAloneTwiceAsLongEachTime(t *testing.T) {
	f := open(t)
	id := f.approved("clinic", "Harbor")
	p, now, tries := f.provisioner(), time.Now(), 0
	p.Now = func() time.Time { return now }
	p.stop = func(string) error { tries++; return errKilled }
	p.Round(t.Context())
	for n, wait := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
		now = now.Add(wait - time.Millisecond)
		if p.Round(t.Context()); tries != n+1 {
			t.Errorf("tried %d times before %s are over, not %d", tries, wait, n+1)
		}
		now = now.Add(time.Millisecond)
		if p.Round(t.Context()); tries != n+2 {
			t.Errorf("tried %d times after %s, not %d", tries, wait, n+2)
		}
	}
	p.postpone(id, 100)
	if wait := p.failed[id].until.Sub(now); wait != time.Hour {
		t.Errorf("after a hundred times it waits %s", wait)
	}
	now, p.stop = now.Add(time.Hour), nil
	for range 2 {
		p.Round(t.Context())
	}
	if _, err := f.Gateway.TenantByID(t.Context(), id); err != nil || len(p.failed) != 0 {
		t.Errorf("in the end: %v, and %d are left alone", err, len(p.failed))
	}
}
