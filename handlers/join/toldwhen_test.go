package join_test

import (
	"log/slog"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
)

func TestWhoeverIsApprovedIsToldAlsoWhereTheOrganizationIsMadeBeforeThat(t *testing.T) {
	for name, quick := range map[string]bool{"told first": false, "made first": true} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			maya, dana := w.Person(t, "Maya"), w.Account(t, "Dana")
			at := w.sent(maya)
			w.tells()
			w.staff(at, dana, onboarding.Claimed, "")
			accepts(t, w.Site, at, dana)
			w.staff(at, dana, onboarding.Approval, "")
			if quick {
				w.made(at)
			}
			w.tells()
			if got := w.news(maya); got != "received decided" {
				t.Errorf("told %q", got)
			}
			if mail := w.Mailbox().Last(maya.Email); !strings.Contains(mail.Subject, "approved") {
				t.Errorf("the email says %q", mail.Subject)
			}
		})
	}
}

// made plays what the process does that makes organizations of applications.
func (w world) made(at string) {
	w.t.Helper()
	scope := w.Gateway.AdmitApplicant(webtest.IDOf(at), tenancy.Caller{Staff: true})
	for _, step := range onboarding.Provisioning {
		if _, _, err := onboarding.Act(w.t.Context(), w.Gateway, scope,
			onboarding.Event{Kind: onboarding.Provision, Step: step, At: w.Clock.Now()}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestAHundredNoticesThatCannotBeToldHoldNoOtherUp(t *testing.T) {
	w := open(t)
	leo := w.Person(t, "Leo")
	at := w.begin(leo, "clinic", "RI", "1234567893")
	leo.Post(at + "/withdrawal").Goes(at)
	// as a worker of an older release finds them: of a definition that it does not know
	w.Admin(t, `with bad as (insert into onboarding.application (tenant_id, kind, state, definition, created_at)
		select gen_random_uuid(), 'clinic', 'RI', 999, now() from generate_series(1, 100) returning tenant_id),
		begun as (insert into onboarding.log (tenant_id, version, kind, step, data, at) select tenant_id, 1, 'began', '',
		'{"kind":"clinic","state":"RI","definition":999}', now() from bad)
		insert into onboarding.notice (tenant_id, kind, version, due)
		select tenant_id, 'turn', 1, now() - interval '1 hour' from bad`)
	defer w.Admin(t, `delete from onboarding.notice n using onboarding.application a
		where a.tenant_id = n.tenant_id and a.definition = 999`)
	teller := onboarding.Teller{Due: w.checks.Due, Gateway: w.Gateway, Keys: w.Keys, Now: w.Clock.Now,
		Log: slog.New(slog.DiscardHandler)}
	if err := teller.Run(t.Context()); err == nil {
		t.Fatal("control: nothing fails")
	}
	if err := teller.Run(t.Context()); err != nil {
		t.Errorf("what failed is tried again at once: %v", err)
	}
	if got := w.news(leo); got != "withdrawn" {
		t.Errorf("behind a hundred somebody is told %q", got)
	}
}

func TestANumberThatIsNoLongerAnsweredIsNoOneElsesWarning(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1245319599")
	applied := func() int {
		return w.Count(t, `select count(*) from onboarding.applied_number where tenant_id = $1`, webtest.IDOf(at))
	}
	if applied() != 1 {
		t.Fatal("control: no number is kept")
	}
	answer(maya, at+"/steps/organization", "npi", strings.Repeat("9", 24), "later", "yes").Goes(at)
	if n := applied(); n != 0 {
		t.Errorf("the number of before counts still: %d", n)
	}
}
