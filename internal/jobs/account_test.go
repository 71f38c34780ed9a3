package jobs

import (
	"testing"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

func TestTheChartsOfAnAccountFollowItsPhoneNumberWhereTheConsentLives(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.work(t)
	follows, ended, other := h.book(t, 0), h.book(t, 40), h.book(t, 80)
	h.clinic.SQL(t, `insert into consent (id, patient_id, purpose, version, text_hash, state, at)
		select gen_random_uuid(), id, 'share', '1', '', 'withdrawn', now() + interval '1 second' from patient
		where account_id = $1`, ended.account)
	for _, v := range []*visit{follows, ended} {
		q := h.Gateway.Identity(h.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: v.account}))
		if _, err := q.UpdateProfile(t.Context(), shareddb.UpdateProfileParams{ID: v.account, Name: "Maya Okafor",
			Phone: "+14015550199"}); err != nil {
			t.Fatal(err)
		}
	}
	h.deps.Outbox.Notify()
	phone := func(v *visit) string {
		return pgtest.Value[string](t, h.clinic, `select phone from patient where account_id = $1`, v.account)
	}
	until(t, "the chart has the new number", func() bool { return phone(follows) == "+14015550199" })
	h.settled(t)
	if phone(ended) != "" || phone(other) != "" {
		t.Errorf("a chart whose consent has ended says %q, another account's %q", phone(ended), phone(other))
	}
	audited := func(who uuid.UUID) int64 {
		return pgtest.Value[int64](t, h.clinic, `select count(*) from audit.event where patient = $1 and action = 'follow'
			and resource = 'Patient' and tenant_id = $2`, who, h.clinic.ID)
	}
	if audited(follows.account) != 1 || audited(ended.account) != 0 {
		t.Errorf("the audit has it %d and %d times", audited(follows.account), audited(ended.account))
	}
}

func TestOfTwoJobsThatFollowAnAccountAtOnceTheOneThatIsLateLeavesWhatIsSoNow(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.work(t)
	v := h.book(t, 0)
	other, err := h.Connect(t, h.AdminURL()).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback(t.Context()) }()
	do := func(sql string, args ...any) {
		t.Helper()
		if _, err := other.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(`lock table ` + h.clinic.Schema + `.patient in access exclusive mode`)
	q := h.Gateway.Identity(h.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: v.account}))
	if _, err := q.UpdateProfile(t.Context(), shareddb.UpdateProfileParams{ID: v.account, Name: "Maya Okafor",
		Phone: "+14015550111"}); err != nil {
		t.Fatal(err)
	}
	h.deps.Outbox.Notify()
	until(t, "the job has read the account and waits for the chart", func() bool {
		return pgtest.Value[bool](t, h.clinic, `select exists (select 1 from pg_locks where not granted
			and relation = '`+h.clinic.Schema+`.patient'::regclass)`)
	})
	// What the job of the next change does before it goes on.
	do(`update directory.account set phone = '+14015550222' where id = $1`, v.account)
	do(`update `+h.clinic.Schema+`.patient set phone = '+14015550222' where account_id = $1`, v.account)
	if err := other.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.settled(t)
	if got := pgtest.Value[string](t, h.clinic, `select phone from patient where account_id = $1`,
		v.account); got != "+14015550222" {
		t.Errorf("the chart says %q", got)
	}
}
