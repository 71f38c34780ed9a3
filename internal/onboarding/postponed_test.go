package onboarding_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/internal/pgtest"
)

func TestF08ACheckThatFailsOnOurSideWaitsTwiceAsLongEachTimeAnHourAtMost(t *testing.T) {
	o := openOffice(t, func(http.ResponseWriter, *http.Request) { t.Error("the register is asked") })
	id := o.begins("1234567893")
	o.db.Admin(t, `update onboarding.application set definition = 999`)
	o.db.Admin(t, `update onboarding.log set data = data || '{"definition": 999}'`)
	const half = 30 * time.Second
	for n, want := range []time.Duration{half, 2 * half, 4 * half, 8 * half, 16 * half, 32 * half, 64 * half, time.Hour,
		time.Hour} {
		o.round(t.Context())
		next := pgtest.One[time.Time](t, o.db, `select next_at from onboarding.step where tenant_id = $1
			and key = 'registry'`, id)
		if wait := next.Sub(o.now).Round(time.Second); wait != want {
			t.Errorf("failed %d times it waits %s, not %s", n+1, wait, want)
		}
		o.now = next.Add(-time.Second)
		if o.round(t.Context()); strings.Count(o.log.String(), "a check failed") != n+1 {
			t.Errorf("before %s are over it is tried", want)
		}
		o.now = next.Add(time.Second)
	}
}
