package region

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestEmployeesHaveTheirRolesAndFactorsAndASecondRunLeavesThem(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{Wait: time.Minute})
	o := small(1)
	o.Organizations = 3
	secrets := map[uuid.UUID]string{}
	o.SecondFactor = func(_ context.Context, account uuid.UUID,
		secret string) error {
		secrets[account] = secret
		return nil
	}
	sum := seed(t, db, o)
	if len(secrets) != len(employees) {
		t.Errorf("%d second factors", len(secrets))
	}
	for _, l := range sum.Logins[2:] {
		roles := value[string](t, db, `select coalesce(string_agg(role, ', ' order by t.id), '') from (select m.role, case n.slug when 'fox-point-family-clinic' then 1 else 2 end as id
			from directory.membership m join directory.tenant n on n.id = m.tenant_id where m.account_id = $1 union all select s.role, 3 from directory.staff s where s.account_id = $1) t`, l.ID)
		if roles != l.Role || secrets[l.ID] != l.Secret || l.Secret != totpSecret(l.Email) || len(l.Secret) != 32 {
			t.Errorf("%+v has %q and %q", l, roles, secrets[l.ID])
		}
	}
	if n := value[int](t, db,
		`select count(*) from directory.membership m where role = 'clinician' and practitioner_id is not null`); n != 1 {
		t.Errorf("%d clinicians with a calendar", n)
	}
	db.Admin(t, `update directory.membership set ended_at = now() where role = 'billing'`)
	clear(secrets)
	if again := seed(t, db, o); !slices.Equal(again.Logins, sum.Logins) || len(secrets) > 0 ||
		value[int](t, db, `select count(*) from directory.membership where role = 'billing' and ended_at is null`) != 0 {
		t.Error("what stood was changed")
	}
}
