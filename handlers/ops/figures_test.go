package ops_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func Test39HalfOfTheDecisionsOf90DaysTookTheMedian(t *testing.T) {
	db, now := pgtest.Fresh(t, tenancy.Options{}), time.Now()
	for n, hours := range []int{2, 4, 10, 40, 50, 1000} {
		ago := 24 + 24*90*(n/5) // the last one is too long ago to count
		db.Admin(t, `with a as (insert into onboarding.application (tenant_id, kind, state, definition, status, version,
				created_at) values (gen_random_uuid(), 'clinic', 'RI', 1, 'rejected', 3, $1) returning tenant_id)
			insert into onboarding.log (tenant_id, version, kind, by, at)
			select a.tenant_id, e.version, e.kind, e.by, e.at from a, (values (1, 'answered', gen_random_uuid(),
				$1::timestamptz - interval '500 hours'), (2, 'answered', gen_random_uuid(), $1), (3, 'rejected',
				gen_random_uuid(), $2::timestamptz)) e (version, kind, by, at)`,
			now.Add(-time.Duration(ago+hours)*time.Hour), now.Add(-time.Duration(ago)*time.Hour))
	}
	staff := db.Gateway.Shared(db.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Staff: true}))
	got, err := staff.OnboardingFigures(t.Context(), now.AddDate(0, 0, -90))
	if err != nil || got.Decided != 5 || got.MedianHours != 10 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestATelephoneNumberIsTheSameWithAndWithoutTheCountrysOne(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	for phone, differ := range map[string]int{"1 (401) 555-0142": 1, "14015550142": 1, "1 (401) 555-0143": 2,
		"2 (401) 555-0142": 2} { // the name differs each time
		j.Admin(t, `update onboarding.log set data = jsonb_set(data, '{check,facts,phone}', to_jsonb($2::text))
			where tenant_id = $1 and kind = 'checked' and step = 'registry'`, j.id, phone)
		page := j.rita.Get(j.path)
		page.Has(http.StatusOK, phone)
		if n := strings.Count(page.Body, "It differs"); n != differ {
			t.Errorf("%s: %d answers differ, not %d", phone, n, differ)
		}
	}
}
