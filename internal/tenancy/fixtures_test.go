package tenancy_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(migrateAndDie); url != "" {
		migrateUntilKilled(url) // the test runs its own binary again to have something to kill
	}
	pgtest.Main(m)
}

// fixtures is two clinics with one canary row in every table that can hold a tenant's rows, and a person with rows in
// each. Alice and clinic a are the victims; Bob and clinic b attack.
type fixtures struct {
	db         *pgtest.DB
	a, b       tenancy.Tenant
	alice, bob uuid.UUID
}

func newFixtures(t testing.TB, db *pgtest.DB) fixtures {
	t.Helper()
	c := fixtures{db: db, a: db.Tenant(t, "clinic"), b: db.Tenant(t, "clinic"), alice: uuid.New(), bob: uuid.New()}
	admin := db.Connect(t, db.AdminURL())
	fill(t, admin, c.a, c.alice)
	fill(t, admin, c.b, c.bob)
	db.Admin(t, "insert into outbox.email (id, kind, sealed, expires_at) values (gen_random_uuid(), 'x', 'x', now())")
	return c
}

// table is one table as the catalog has it.
type table struct {
	schema, name string
	tenantID     bool // has a tenant_id column: a shared table with rows of tenants
	key          string
	columns      []column
}

type column struct {
	name, kind string
	needed     bool   // not null and without a default
	word       string // the first of the words that a check allows
}

func (t table) String() string { return t.schema + "." + t.name }

// still is a column that an update can set to itself.
func (t table) still() string {
	if t.tenantID {
		return "tenant_id" // the key may be an identity
	}
	return t.key
}

// tablesOf lists the tables of the product's schemas in the order of their making, so that referenced tables come
// first.
func tablesOf(t testing.TB, conn *pgx.Conn, where string, args ...any) (all []table) {
	t.Helper()
	rows, err := conn.Query(t.Context(), `select n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
			a.attnotnull and not a.atthasdef and a.attidentity = '',
			coalesce((select k.attname::text from pg_index i join pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisprimary), ''),
			coalesce((select (regexp_match(pg_get_constraintdef(k.oid), '(?:ARRAY\[|= )''([^'']*)''::text'))[1] from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum] limit 1), '')
		from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and (`+where+`)
		order by c.oid, a.attnum`, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var x table
		var c column
		if err := rows.Scan(&x.schema, &x.name, &c.name, &c.kind, &c.needed, &x.key, &c.word); err != nil {
			t.Fatal(err)
		}
		if len(all) == 0 || all[len(all)-1].String() != x.String() {
			all = append(all, x)
		}
		last := &all[len(all)-1]
		last.columns = append(last.columns, c)
		last.tenantID = last.tenantID || c.name == "tenant_id"
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return all
}

func tenantTables(t testing.TB, conn *pgx.Conn, schema string) []table {
	return tablesOf(t, conn, "n.nspname = $1", schema)
}

func sharedGated(t testing.TB, conn *pgx.Conn) []table {
	return tablesOf(t, conn, `n.nspname !~ '^t_' and n.nspname <> 'tenant_template'
		and exists (select from pg_attribute x where x.attrelid = c.oid and x.attname = 'tenant_id' and not x.attisdropped)`)
}

// fitting are values for columns whose checks refuse what canary would write.
var fitting = map[string]string{
	"home_address.zip":      "'02906'",
	"intake_answer.answers": "'{}'", "intake_answer.sequence": "1", "intake_answer.form_version": "1",
	"schedule_rule.weekday": "1", "schedule_rule.to_minute": "60", "appointment.held_until": "now() + interval '1 hour'",
	"appointment.ends_at": "'2026-01-02'", "claim.ends_at": "'2026-01-02'",
	"claim.expires_at":    "now() + interval '1 hour'",
	"listing.reason_code": "'canary'", "location.zone": "'UTC'", "location_access.code": "'step_free'",
	"factor_removal.requested_by": "coalesce(ctx.actor(), (select id from directory.account order by id limit 1))",
	"application.state":           "'RI'", "document.hash": "repeat('0', 64)",
	"upload.hash": "repeat('0', 64)", "upload.received": "0",
	"change.was": "'{}'", "change.becomes": "'{}'", "change.status": "'waiting'",
	"signature.hash": "repeat('0', 64)", "signature.proof": "'password'",
	"expiry_notice.days": "7",
	"staff_access.kind":  "'emergency'", "sso_domain.domain": "gen_random_uuid()::text",
}

// canary is an insert of one row that tells whose it is: ids are the tenant's own id, texts contain it.
func canary(x table, tenant, account uuid.UUID) string {
	var names, values []string
	for _, c := range x.columns {
		value, fits := fitting[x.name+"."+c.name]
		switch {
		case fits:
		case slices.Contains([]string{"account_id", "actor", "by", "patient"}, c.name):
			value = "'" + account.String() + "'"
		case c.name == "tenant_id":
			value = "'" + tenant.String() + "'"
		case !c.needed:
			continue
		case c.word != "":
			value = "'" + c.word + "'"
		default:
			value = plain(c.kind, tenant)
		}
		names, values = append(names, c.name), append(values, value)
	}
	if len(names) == 0 {
		return fmt.Sprintf("insert into %s default values", x)
	}
	return fmt.Sprintf("insert into %s (%s) values (%s)", x, strings.Join(names, ", "), strings.Join(values, ", "))
}

func plain(kind string, id uuid.UUID) string {
	switch kind {
	case "uuid":
		return "'" + id.String() + "'"
	case "uuid[]":
		return "array['" + id.String() + "'::uuid]"
	case "text":
		return "'canary-" + id.String() + "'"
	case "text[]":
		return "array['canary-" + id.String() + "']"
	case "jsonb":
		return `'{"canary": "` + id.String() + `"}'`
	case "bytea":
		return "convert_to('" + id.String() + "', 'UTF8')"
	case "timestamp with time zone", "date":
		return "'2026-01-01'"
	case "boolean":
		return "true"
	default:
		return "30" // numbers
	}
}

// fill writes the canaries of one tenant as the administrator.
func fill(t testing.TB, admin *pgx.Conn, tenant tenancy.Tenant, account uuid.UUID) {
	t.Helper()
	say := func(sql string, args ...any) {
		if _, err := admin.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v (a new table may need a fitting value)", sql, err)
		}
	}
	say(`insert into directory.account (id, email, name) values ($1, $2, 'canary')`, account,
		account.String()+"@example.org")
	say(`insert into market.reason (code, kind, name, minutes, price_low_cents, price_high_cents) values ('canary', 'clinic', 'Canary', 30, 1, 2) on conflict do nothing`)
	for _, x := range append(append(tenantTables(t, admin, tenant.Schema), sharedGated(t, admin)...),
		peopleTables(t, admin)...) {
		say(canary(x, tenant.ID, account))
	}
}

// attacker sends SQL text over one connection, many statements at a time if it likes, each attempt from a clean start.
type attacker struct {
	conn       *pgconn.PgConn
	start, end string // what surrounds an attempt and throws it away
}

// raw is an attacker with the app's own login and no gateway.
func raw(t testing.TB, db *pgtest.DB) attacker {
	t.Helper()
	return attacker{conn: db.Connect(t, db.AppURL()).PgConn(), start: "deallocate all; begin", end: "rollback"}
}

// rawIdentity is an attacker with the login for what lets people in.
func rawIdentity(t testing.TB, db *pgtest.DB) attacker {
	t.Helper()
	return attacker{conn: db.Connect(t, db.IdentityURL()).PgConn(), start: "deallocate all; begin", end: "rollback"}
}

// outcome is what an attempt got: the last statement's answer, or the error.
type outcome struct {
	rows          []string // cells joined by "|"
	tag           string
	code, message string
}

func (o outcome) String() string {
	if o.code != "" {
		return o.code + " " + o.message
	}
	return fmt.Sprintf("%s %v", o.tag, o.rows)
}

func (a attacker) try(sql string) (o outcome) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if a.end != "" {
		defer func() { _ = a.conn.Exec(ctx, a.end).Close() }()
	}
	results, err := a.conn.Exec(ctx, a.start+"; "+sql).ReadAll()
	if err != nil {
		o.code, o.message = tenancy.Code(err), err.Error()
		if o.code == "" {
			o.code = "lost"
		}
		return o
	}
	last := results[len(results)-1]
	o.tag = last.CommandTag.String()
	for _, row := range last.Rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, string(cell))
		}
		o.rows = append(o.rows, strings.Join(cells, "|"))
	}
	return o
}

// enter is SQL that shows a ticket and steps into a schema, as the gateway does.
func enter(pass, schema string) string {
	return fmt.Sprintf("select ctx.enter('%s', '%s', '', '', '', '')", pass, schema)
}

// show is the same for roles that the gateway never is.
func show(pass, schema string) string {
	return fmt.Sprintf("select set_config('app.ctx', '%s', true), set_config('search_path', '%s, pg_temp', true)", pass,
		schema)
}

// pass is a ticket that is valid on the attacker's connection.
func (a attacker) pass(db *pgtest.DB, tenant, subject uuid.UUID) string {
	return tenancy.MintTicket(db.Keys.Current(), tenant, subject, time.Now().Add(tenancy.TicketLife), a.conn.PID())
}

// asBob steps into clinic b, rightly, and does something there.
func (a attacker) asBob(c fixtures, sql string) outcome {
	return a.try(enter(a.pass(c.db, c.b.ID, c.bob), c.b.Schema) + "; " + sql)
}

// counts is a query that tells for each table how many rows carry the id somewhere.
func counts(tables []table, id uuid.UUID) string {
	var each []string
	for _, x := range tables {
		each = append(each, fmt.Sprintf("select '%s', count(*) from %s x where x::text like '%%%s%%'", x, x, id))
	}
	return strings.Join(each, " union all ")
}
