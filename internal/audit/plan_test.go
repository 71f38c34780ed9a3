package audit_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// asked is one of the queries with values in the place of its arguments; what is not given is null.
func asked(t *testing.T, name string, values map[string]string) string {
	t.Helper()
	files, err := filepath.Glob("../../queries/*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var raw []byte
	for _, file := range files {
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(append(raw, sql...), '\n')
	}
	_, rest, found := strings.Cut(string(raw), "-- name: "+name+" ")
	if !found {
		t.Fatal("no query", name)
	}
	_, body, _ := strings.Cut(rest, "\n")
	body, _, _ = strings.Cut(body, ";")
	body = strings.ReplaceAll(body, "sqlc.embed(e)", "e.*")
	argument := regexp.MustCompile(`sqlc\.n?arg\('(\w+)'\)|@(\w+)`)
	return argument.ReplaceAllStringFunc(body, func(arg string) string {
		m := argument.FindStringSubmatch(arg)
		if v := values[m[1]+m[2]]; v != "" {
			return v
		}
		return "null"
	})
}

// relays are the queries that the relay's role asks.
var relays = map[string]bool{"UnsealedEvents": true, "EventsOfLeaves": true, "ReadersOfMany": true}

func TestLooksAtTheAuditUseItsIndexes(t *testing.T) {
	h := open(t)
	h.exec(t, `insert into audit.event (at, tenant_id, actor, patient, purpose, resource, action, outcome)
		select now() - n * interval '1 minute', md5('t' || n % 1500)::uuid, md5('a' || n % 2000)::uuid, md5('p' || n % 5000)::uuid, 'care', 'Patient', 'read', 'success' from generate_series(200000, 1, -1) n`)
	h.exec(t, `analyze audit.event`)
	h.exec(t, `set search_path = `+tenancy.TemplateSchema)
	const actor, patient, tenant = `md5('a7')::uuid`, `md5('p7')::uuid`, `md5('t7')::uuid`
	base := func(more ...string) map[string]string {
		m := map[string]string{"before": "9223372036854775807", "before_seq": "9223372036854775807", "most": "50",
			"everybody": "false"}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	ago := func(days int) string { // a value, as a page sends it
		return "'" + time.Now().AddDate(0, 0, -days).Format(time.RFC3339) + "'"
	}
	for _, c := range []struct {
		name, query, index string
		values             map[string]string
	}{
		{"everything", "SearchAudit", "event_time", base()},
		{"by person", "SearchAudit", "event_actor", base("actor", actor)},
		{"by patient", "SearchAudit", "event_patient", base("patient", patient)},
		{"by organization", "SearchAudit", "event_tenant", base("tenant_id", tenant)},
		{"by an old day", "SearchAudit", "event_time", base("since", ago(100), "until", ago(99))},
		{"by person, purpose and time", "SearchAudit", "event_actor",
			base("actor", actor, "purpose", "'care'", "since", ago(50))},
		{"a patient's own log", "AccessLog", "event_patient", base("account_id", patient)},
		{"an organization's log", "OrganizationLog", "event_tenant", base("tenant_id", tenant)},
		{"a person's sign-ins", "SignIns", "event_patient",
			base("account_id", patient, "actions", "'{sign-in,second-factor}'")},
		{"what was done in emergencies", "UnreviewedEmergencyAccess", "event_staff_access", base()},
		{"what is to be sealed", "UnsealedEvents", "event_order", base("xid", "'1'", "seq", "1", "before_epoch", "0")},
		{"the events of leaves", "EventsOfLeaves", "event_pkey", base("seqs", "'{5,6,7,8}'")},
		{"the alerts' hour", "ReadersOfMany", "event_time", base("since", ago(1), "until", ago(0), "most", "20")},
	} {
		t.Run(c.name, func(t *testing.T) {
			role := "kindward_identity" // row-level security counts, as it does for the pages
			if c.query == "OrganizationLog" {
				role = "kindward_app"
			}
			if relays[c.query] {
				role = "kindward_relay"
			}
			h.exec(t, `set role `+role)
			defer h.exec(t, `reset role`)
			if c.query == "SearchAudit" {
				c.values["before"] = ago(0)
			}
			rows, err := h.admin.Query(t.Context(), "explain "+asked(t, c.query, c.values), pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			if plan := strings.Join(lines, "\n"); !strings.Contains(plan, c.index) ||
				strings.Contains(plan, "Seq Scan on event") {
				t.Errorf("%s is not used:\n%s", c.index, plan)
			}
		})
	}
}

func TestEveryIndexOfTheAuditSaysWhomItServes(t *testing.T) {
	h := open(t)
	silent := value[[]string](t, h, `select coalesce(array_agg(c.relname::text), '{}') from pg_index i join pg_class c on c.oid = i.indexrelid
		where i.indrelid = 'audit.event'::regclass and obj_description(i.indexrelid, 'pg_class') is null
			and not exists (select from pg_constraint k where k.conindid = i.indexrelid and obj_description(k.oid, 'pg_constraint') is not null)`)
	if len(silent) > 0 {
		t.Errorf("nobody knows what %v are for", silent)
	}
	if n := value[int](t, h, `select count(*) from pg_index where indrelid = 'audit.event'::regclass`); n != 7 {
		t.Errorf("%d indexes: each costs every event", n)
	}
}

func TestA37TheLoginRolesChangeNothingOfTheAudit(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	db.Admin(t, `insert into audit.event (purpose, resource, action, outcome) values ('care', 'Patient', 'read', 'success')`)
	for role, url := range map[string]string{"app": db.AppURL(), "identity": db.IdentityURL(), "relay": db.RelayURL()} {
		conn := db.Connect(t, url)
		attempts := []string{`alter table audit.event disable row level security`,
			`alter table audit.event disable trigger all`, `drop table audit.event`,
			`drop policy add on audit.event`, `set role kindward_audit`,
			`create trigger t before insert on audit.event execute function pg_catalog.suppress_redundant_updates_trigger()`}
		for _, table := range []string{"event", "leaf", "node", "checkpoint"} {
			attempts = append(attempts, `delete from audit.`+table, `truncate audit.`+table)
		}
		attempts = append(attempts, `update audit.event set action = 'x'`, `update audit.leaf set hash = ''`,
			`update audit.node set hash = ''`, `update audit.checkpoint set note = ''`,
			`delete from audit.alert`, `truncate audit.alert`, `update audit.alert set facts = '{}'`)
		if role != "relay" {
			attempts = append(attempts, `insert into audit.leaf (number, event_seq, hash) values (0, 1, '')`,
				`insert into audit.checkpoint (size, root, xid, event_seq, note) values (1, '', '1', 1, '')`,
				`insert into audit.event (seq, purpose, resource, action, outcome) overriding system value values (9, 'x', 'x', 'x', 'success')`,
				`insert into audit.event (at, purpose, resource, action, outcome) values ('2020-01-01', 'x', 'x', 'x', 'success')`)
		} else {
			attempts = append(attempts,
				`insert into audit.event (purpose, resource, action, outcome) values ('x', 'x', 'x', 'success')`)
		}
		for _, sql := range attempts {
			if _, err := conn.Exec(t.Context(), sql); tenancy.Code(err) != "42501" {
				t.Errorf("%s: %s: %v", role, sql, err)
			}
		}
	}
	db.Admin(t, `delete from audit.event`) // the control: the statement is right, an administrator may
}
