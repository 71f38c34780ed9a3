package ops_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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

func Test39TheFiguresSayHowLongEachStepTookAndWhoDecided(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.accepts(j.rita)
	j.rita.Post(j.path+"/approval", "because", "The name was mended.", "countersignature", "Rita").Goes(j.path)
	j.Admin(t, `insert into onboarding.step_time (kind, step, seconds, at) values ('laboratory', 'license', 36000,
		now() - interval '60 days')`)
	page := j.rita.Get("/ops/onboarding?kind=laboratory")
	page.Has(http.StatusOK, "How long steps took", "State license", "10 h", "A register")
	j.rita.Get("/ops/onboarding?kind=laboratory&days=30").Lacks("10 h")
	j.rita.Get("/ops/onboarding?kind=clinic").Has(http.StatusOK, "Who decided", "Rita", "Your organization")
	j.rita.HTMX().Get("/ops/onboarding/changes").Lacks("How long steps took")
	j.olga.Get("/ops/onboarding").Has(http.StatusForbidden)
}

// The page asks for its figures each time that it is opened, over a log that has every event of every application.
func TestTheFiguresOfStepsReadWhatIsNewByItsIndexes(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	db.Admin(t, `insert into onboarding.step_time (kind, step, seconds, at) select 'clinic', 'registry', n,
		now() - n * interval '1 hour' from generate_series(1, 40000) n`)
	db.Admin(t, `with a as (insert into onboarding.application (tenant_id, kind, state, definition, version, created_at)
			select gen_random_uuid(), 'clinic', 'RI', 8, 40, now() from generate_series(1, 1000) returning tenant_id)
		insert into onboarding.log (tenant_id, version, kind, at) select a.tenant_id, n,
			case when n = 40 then 'approved' else 'answered' end, now() - n * interval '10 days' from a,
			generate_series(1, 40) n`)
	db.Admin(t, `analyze onboarding.step_time, onboarding.log, onboarding.application`)
	raw, err := os.ReadFile("../../queries/shareddb/step_times.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, sql, _ := strings.Cut(string(raw), "-- name: OnboardingPace :many\n")
	sql, _, _ = strings.Cut(sql, ";")
	sql = strings.NewReplacer("sqlc.arg('since')", "'"+time.Now().AddDate(0, 0, -30).Format(time.RFC3339)+"'",
		"sqlc.arg('kind')", "''").Replace(sql)
	plan := strings.Join(explained(t, db, sql), "\n")
	for _, index := range []string{"step_time_at", "log_reviewed"} {
		if !strings.Contains(plan, index) {
			t.Errorf("%s is not used:\n%s", index, plan)
		}
	}
	control := strings.Join(explained(t, db, strings.ReplaceAll(sql, "t.at >=", "t.at + interval '0' >=")), "\n")
	if strings.Contains(control, "step_time_at") {
		t.Error("control: a condition that no index knows uses it")
	}
}

func explained(t *testing.T, db *pgtest.DB, sql string) (lines []string) {
	t.Helper()
	rows, err := db.Connect(t, db.AdminURL()).Query(t.Context(), "explain "+sql)
	if err != nil {
		t.Fatal(err)
	}
	if lines, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		t.Fatal(err)
	}
	return lines
}
