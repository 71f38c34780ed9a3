package tenancy_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// indexesOf walks a plan and adds the indexes that it reads, as schema.index.
func indexesOf(node any, schema string, read map[string]bool) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			indexesOf(child, schema, read)
		}
	case map[string]any:
		if own, ok := n["Schema"].(string); ok { // of the table; an index is in the same
			schema = own
		}
		if name, ok := n["Index Name"].(string); ok {
			read[schema+"."+name] = true
		}
		for _, value := range n {
			indexesOf(value, schema, read)
		}
	}
}

// indexesRead are the indexes that some statement of the program would read if its tables were large: once as the
// planner likes best, once by bitmaps, which is how BRIN is read.
func indexesRead(t *testing.T, c fixtures) map[string]bool {
	t.Helper()
	read := map[string]bool{}
	app, own := raw(t, c.db), attacker{conn: c.db.Connect(t, c.db.IdentityURL()).PgConn(), end: "rollback"}
	relay := attacker{conn: c.db.Connect(t, c.db.RelayURL()).PgConn(), end: "rollback"}
	for _, kind := range []string{"", "set local enable_indexscan = off; set local enable_indexonlyscan = off; "} {
		const begin = "deallocate all; begin; set local enable_seqscan = off; "
		relay.start = begin + kind + "set local search_path = pg_catalog"
		app.start = begin + kind + enter(app.pass(c.db, c.a.ID, c.alice), c.a.Schema)
		own.start = begin + kind + enter(own.pass(c.db, c.a.ID, c.alice), tenancy.TemplateSchema)
		for folder, roles := range map[string][]attacker{"tenantdb": {app}, "shareddb": {app, own}, "relaydb": {relay}} {
			for name, sql := range generatedQueries(t, folder) {
				for _, who := range roles {
					plan, got := who.plan(sql)
					if got.code != "" && !strings.Contains(got.message, "permission denied") { // the owner's, or the other role's
						t.Errorf("%s: %s", name, got)
					}
					indexesOf(plan, "", read)
				}
			}
		}
	}
	return read
}

// readOtherwise are indexes whose statement leaves open by what it asks, so that only a plan with values reads them.
var readOtherwise = map[string]string{
	"audit.event_actor": "SearchAudit of one person, which internal/audit holds to it",
	"outbox.event_at":   "PruneEvents among many, which the next test holds to it",
}

// idle are the indexes that no statement reads and no constraint needs.
func idle(t *testing.T, admin *pgx.Conn, c fixtures, read map[string]bool) []string {
	t.Helper()
	all := column1(t, admin, fmt.Sprintf(`select n.nspname || '.' || c.relname from pg_index i
		join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
		where %s and n.nspname not in ('river', '%s', '%s') and not i.indisunique
			and not exists (select from pg_constraint k where k.conindid = c.oid)`, product, tenancy.TemplateSchema, c.b.Schema))
	return slices.DeleteFunc(all, func(index string) bool { return read[index] || readOtherwise[index] != "" })
}

func TestEveryIndexIsAConstraintOrReadByAStatement(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := newFixtures(t, db)
	admin := db.Connect(t, db.AdminURL())
	db.Admin(t, "create index nobodys on "+c.a.Schema+".schedule (name)")
	control := c.a.Schema + ".nobodys"
	if found := idle(t, admin, c, indexesRead(t, c)); !slices.Equal(found, []string{control}) {
		t.Errorf("idle: %v, and the control is %s", found, control)
	}
}

func TestPruningFindsOldEventsByTheirTimeAmong20000(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	db.Admin(t, `insert into outbox.event (kind, subject_id, at)
		select 'x', gen_random_uuid(), now() - n * interval '3 minutes' from generate_series(20000, 1, -1) n`)
	db.Admin(t, `insert into outbox.cursor (consumer, xid, seq) select 'test', xid, max(seq) from outbox.event group by xid`)
	db.Admin(t, "analyze outbox.event")
	_, prune, _ := strings.Cut(generatedQueries(t, "relaydb")["PruneEvents"], "\n")
	relay := attacker{conn: db.Connect(t, db.RelayURL()).PgConn(), start: "begin", end: "rollback"}
	got := relay.try("prepare q as " + strings.TrimSuffix(strings.TrimSpace(prune), ";") +
		"; explain execute q (now() - interval '30 days', 1000)")
	if plan := strings.Join(got.rows, "\n"); !strings.Contains(plan, "event_at") ||
		strings.Contains(plan, "Seq Scan on event") {
		t.Errorf("%s\n%s", got.code, plan)
	}
}

var deletion = regexp.MustCompile(`(?i)\bdelete\s+from\s+([\w.]+)`)

// deleted are the tables of which the statements of a queries file delete rows, qualified.
func deleted(sql, schema string) (tables []string) {
	for _, m := range deletion.FindAllStringSubmatch(sql, -1) {
		if !strings.Contains(m[1], ".") {
			m[1] = schema + "." + m[1]
		}
		tables = append(tables, m[1])
	}
	return tables
}

// unindexed are the foreign keys to some tables that have no index of all rows that begins with their columns.
func unindexed(t *testing.T, admin *pgx.Conn, parents []string) []string {
	t.Helper()
	return column1(t, admin, fmt.Sprintf(`select k.conrelid::regclass || ' ' || k.conname from pg_constraint k
		where k.contype = 'f' and k.confrelid = any ('{%s}'::regclass[]) and not exists (
			select from pg_index i where i.indrelid = k.conrelid and i.indpred is null
				and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`, strings.Join(parents, ",")))
}

// Without one, each deleted row would read all of the other table. What joins by a key has its index by the law of
// indexes that are read, and what nobody deletes or joins by needs none.
func TestAForeignKeyToWhatAStatementDeletesHasAnIndex(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	clinic := db.Tenant(t, "clinic")
	admin := db.Connect(t, db.AdminURL())
	files, err := filepath.Glob("../../queries/*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	parents := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range deleted(string(raw), clinic.Schema) {
			parents[table] = true
		}
	}
	tables := slices.Sorted(maps.Keys(parents))
	for _, known := range []string{clinic.Schema + ".request_key", "market.busy", "outbox.event"} {
		if !parents[known] {
			t.Errorf("of %s nothing is deleted, only of %v", known, tables)
		}
	}
	if found := unindexed(t, admin, tables); len(found) > 0 {
		t.Errorf("without an index: %v", found)
	}
	if found := unindexed(t, admin, append(tables, clinic.Schema+".offering")); len(found) == 0 {
		t.Error("control: a deletion of offerings would need an index on their appointments, and that is not noticed")
	}
}
