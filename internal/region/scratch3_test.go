package region_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/region"
	"kindward/internal/tenancy"
)

func TestExplain(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	o := options()
	o.Organisations = 3
	sum, err := region.Seed(t.Context(), db.Owner, db.Door, o)
	t.Log(sum, err)
	conn := db.Connect(t, db.AdminURL())
	var schema string
	conn.QueryRow(t.Context(), `select schema_name from directory.tenant where slug = 'wickenden-diagnostics'`).Scan(&schema)
	conn.Exec(t.Context(), "set search_path = "+schema)
	conn.Exec(t.Context(), "set jit = off")
	for _, sql := range []string{
		`insert into claim select gen_random_uuid(), appointment_id, resource_id, starts_at + interval '60 days', ends_at+interval '60 days','booked' from claim`,
		`insert into claim select gen_random_uuid(), appointment_id, resource_id, starts_at + interval '160 days', ends_at+interval '160 days','booked' from claim where starts_at < now() + interval '30 days' order by resource_id, starts_at`,
		`insert into market.busy select gen_random_uuid(), (select id from directory.tenant where slug = 'wickenden-diagnostics'), resource_id, starts_at + interval '60 days', ends_at+interval '60 days' from claim`,
		`insert into appointment (id, ref, offering_id, status, holder, patient_id, resource_id, starts_at, ends_at) select gen_random_uuid(), ref||'x', offering_id, status, gen_random_uuid(), patient_id, resource_id, starts_at, ends_at from appointment where status <> 'cancelled'`,
		`select version()`,
	} {
		rows, _ := conn.Query(t.Context(), "explain (analyze, buffers) "+sql)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, l := range lines {
			t.Log(l)
		}
		t.Log(err)
	}
}
