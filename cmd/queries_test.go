package cmd_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// written is one named query as it stands in its file, without comments.
type written struct{ name, file, sql string }

var (
	namedQuery   = regexp.MustCompile(`(?s)-- name: (\w+) :\w+\n(.*?);\n`)
	remark       = regexp.MustCompile(`(?m)\s*--.*$`)
	createdTable = regexp.MustCompile(`(?m)^create table (\w+) \(`)
	storage      = regexp.MustCompile(`(?i)\b(xmin|xmax|ctid|cmin|cmax)\b`)
	writingCTE   = regexp.MustCompile(`(?i)\bas\s+(?:(?:not\s+)?materialized\s+)?\(\s*(insert|update|delete)\b`)
	updating     = regexp.MustCompile(
		`(?is)(\bupdate\s+[\w.]+(?:\s+(?:as\s+)?\w+)?\s+set\b|\bon\s+conflict\b).*?(\n\)|$)`)
	plainNow = regexp.MustCompile(`(?i)(\bset|,)\s*\w+\s*=\s*now\(\)`)
	stable   = regexp.MustCompile(`(?i)\b(now|transaction_timestamp|make_interval|date_trunc|age)\s*\(` +
		`|\b(current_timestamp|current_date|interval)\b|at\s+time\s+zone`)
	insertSelect = regexp.MustCompile(`(?is)\binsert\s+into\s+(\w+)\s*\([^)]*\)\s*(select|with)\b`)
	sharedTable  = regexp.MustCompile(`\b(directory|market|outbox|audit|river)\.\w+(?:[^\w(]|$)`)
	writesAudit  = regexp.MustCompile(
		`(?i)\b(?:insert\s+into|merge\s+into|copy)\s+(?:only\s+)?"?audit"?\s*\.\s*"?event(?:_row)?"?(?:\W|$)`)
	mentioned = regexp.MustCompile(`(?i)\b(?:from|join|into|update|using)\s+(\w+)\b(?:[^.\w]|$)`)
)

// auditWriter is how the gateway knows a statement that writes to the audit, whose events it tells the witness
// (internal/tenancy/witness.go).
const auditWriter = "insert into audit.event"

// law is what a query may not do, so that it means the same when each statement has a snapshot of its own and when the
// organizations' schemas lie on several servers. The shared schemas lie on one.
type law struct {
	name  string
	broke func(q written, tenantTable func(string) bool) bool
	// except are queries that break it still. The list only becomes shorter.
	except []string
}

// bookings are the files whose queries are parts of pipelines.
var bookings = []string{"holds.sql", "claims.sql", "busy.sql", "events.sql", "appointment_index.sql",
	"request_keys.sql"}

const mostLines = 20

var laws = []law{
	{name: "no version of the storage (xmin, ctid): it is not the row's",
		broke: func(q written, _ func(string) bool) bool { return storage.MatchString(q.sql) }},
	{name: "no CTE that writes beside an organization's table: what its sisters see is a snapshot",
		broke: func(q written, tenantTable func(string) bool) bool {
			return touches(q.sql, tenantTable) && writingCTE.MatchString(q.sql)
		},
		except: []string{"AppointmentPage", "AccountAppointments", "DayAppointments", "DayAppointmentsForAPI",
			"AccountByReference", "AddClaims", "LeaseMessage", "FindPatients", "OrganizationLog", "PatientChart"}},
	{name: "no stable function or interval with a column in an update: the time is a parameter",
		broke: func(q written, tenantTable func(string) bool) bool {
			return touches(q.sql, tenantTable) && slices.ContainsFunc(updating.FindAllString(q.sql, -1), func(part string) bool {
				return stable.MatchString(plainNow.ReplaceAllString(part, "$1 x = y"))
			})
		},
		except: []string{"LeaseMessage"}},
	{name: "no INSERT ... SELECT into an organization's table: ids come from the program",
		broke: func(q written, tenantTable func(string) bool) bool {
			return slices.ContainsFunc(insertSelect.FindAllStringSubmatch(q.sql, -1),
				func(m []string) bool { return tenantTable(m[1]) })
		},
		// All but LeaseMessage add rows in bulk: to the demo, or what an organization brings along.
		except: []string{"AddAppointments", "AddBookingRules", "AddClaims", "AddSharingConsents",
			"AddHomeAddresses", "AddImportRows", "ImportPractitioners", "ImportLocations", "ImportPatients",
			"ImportServices",
			"AddLocations", "AddLocationAccess", "LeaseMessage", "AddOfferings", "AddOfferingResources",
			"AddPatients", "AddPractitioners", "AddResources", "AddSchedules",
			"AddScheduleRules", "AddScheduleOverrides", "AddServices"}},
	{name: "no statement on shared tables and an organization's",
		broke: func(q written, tenantTable func(string) bool) bool {
			return touches(q.sql, tenantTable) && sharedTable.MatchString(q.sql)
		},
		// Most of them read, and write into the audit that they did.
		except: []string{"AppointmentPage", "AccountAppointments", "DayAppointments", "DayAppointmentsForAPI",
			"AccountByReference", "IndexAppointments", "RelatedPatients", "OrganizationLog", "AddClaims",
			"LeaseMessage", "FindPatients", "PatientChart"}},
	{name: "no statement of a booking over 20 lines",
		broke: func(q written, _ func(string) bool) bool {
			return slices.Contains(bookings, q.file) && strings.Count(strings.TrimSpace(q.sql), "\n") >= mostLines
		}},
	{name: "no write that does not wait for the disk, but of what is derived and of a session's last moment",
		broke: func(q written, _ func(string) bool) bool {
			return strings.Contains(q.sql, "synchronous_commit") &&
				!slices.Contains([]string{"SaveAvailability", "BeginSession", "KeepSession"}, q.name)
		}},
	{name: "whatever writes to the audit says " + auditWriter + ", or no witness hears of it",
		broke: func(q written, _ func(string) bool) bool {
			return len(writesAudit.FindAllString(q.sql, -1)) != len(strings.Split(q.sql, auditWriter))-1
		}},
}

// touches tells whether a statement names a table of an organization's schema.
func touches(sql string, tenantTable func(string) bool) bool {
	return slices.ContainsFunc(mentioned.FindAllStringSubmatch(sql, -1),
		func(m []string) bool { return tenantTable(m[1]) })
}

// queriesOf reads the named queries of a text.
func queriesOf(file, text string) (all []written) {
	for _, m := range namedQuery.FindAllStringSubmatch(text+"\n", -1) {
		all = append(all, written{m[1], file, remark.ReplaceAllString(m[2], "")})
	}
	return all
}

func TestEveryQueryKeepsTheLawsForQueries(t *testing.T) {
	tables := map[string]bool{}
	var all []written
	named := 0
	knows := false
	for _, s := range sources(t) {
		knows = knows || s.path == "internal/tenancy/witness.go" && strings.Contains(s.text, `"`+auditWriter+`"`)
		if s.in("migrations") && writesAudit.MatchString(remark.ReplaceAllString(s.text, "")) {
			t.Errorf("%s: what a function writes to the audit no witness hears of", s.path)
		}
		switch {
		case s.in("migrations/tenant"):
			for _, m := range createdTable.FindAllStringSubmatch(s.text, -1) {
				tables[m[1]] = true
			}
		case s.in("queries") && strings.HasSuffix(s.path, ".sql"):
			all = append(all, queriesOf(filepath.Base(s.path), s.text)...)
			named += strings.Count(s.text, "-- name: ")
		}
	}
	if len(all) < 100 || len(all) != named || len(tables) < 15 {
		t.Fatalf("%d of %d queries, %d tables", len(all), named, len(tables))
	}
	if !knows {
		t.Errorf("the gateway does not know what writes to the audit by %q", auditWriter)
	}
	for _, l := range laws {
		needed := map[string]bool{}
		for _, q := range all {
			if !l.broke(q, func(table string) bool { return tables[table] }) {
				continue
			}
			if needed[q.name] = true; !slices.Contains(l.except, q.name) {
				t.Errorf("%s: %s", l.name, q.name)
			}
		}
		for _, name := range l.except {
			if !needed[name] {
				t.Errorf("%s: %s keeps it, or is gone: take it off the list", l.name, name)
			}
		}
	}
}

func TestEveryLawForQueriesIsSeenToBeBroken(t *testing.T) {
	tenantTable := func(table string) bool { return table == "appointment" || table == "claim" }
	for n, bad := range [][]string{
		{"select a.xmin from appointment a", "delete from appointment where ctid = $1"},
		{"with gone as (delete from claim returning id) select id from gone",
			"with x as materialized (\n    insert into claim (id) values ($1)\n) select 1"},
		{"update appointment set status = 'x' where held_until > now()",
			"update appointment a set held_until = a.held_until + $1::int * interval '1 second'",
			"insert into appointment (id) values ($1) on conflict (id) do update set x = 1 where appointment.until < now()"},
		{"insert into claim (id, x) select id, x from appointment"},
		{"select 1 from appointment a join market.busy b on b.id = a.id",
			"insert into outbox.event (kind) select 'x' from claim"},
		{strings.Repeat("select\n", mostLines+1)},
		{"with quick as (select set_config('synchronous_commit', 'off', true)) insert into claim (id) values ($1)"},
		{"INSERT INTO audit.event (action) values ('x')", "insert into audit . event (action) values ('x')",
			"insert\n    into audit.event (action) values ('x')", `insert into "audit"."event" (action) values ('x')`,
			"merge into audit.event using (select 1) on true", "copy audit.event from stdin",
			"insert into  audit.event_row (action) values ('x')",
			"with a as (insert into audit.event (x) values (1)) insert into  audit.event (x) values (2)"},
	} {
		for _, sql := range bad {
			if !laws[n].broke(written{"X", "holds.sql", sql}, tenantTable) {
				t.Errorf("%s: not noticed in %q", laws[n].name, sql)
			}
		}
		for _, good := range []string{
			"update appointment set status = 'x', updated_at = now() where id = $1 and status = 'held'",
			"insert into claim (id, at) values ($1, now() + $2::int * interval '1 second') on conflict do nothing",
			"select ctx.refuse('KW409') where not exists (select 1 from appointment where held_until > now() for update)",
			"delete from market.busy where tenant_id = (select ctx.tenant()) and id = $1",
			"with few as (select 1 from claim) select * from few",
			"select directory.asked_words($1) from claim",
			"with e as (insert into audit.event (action) values ('x')) insert into audit.event as e (x) values (1)",
			"insert into audit.event_row as e (x) values (1) returning e.*",
		} {
			if laws[n].broke(written{"X", "holds.sql", good}, tenantTable) {
				t.Errorf("%s: wrongly found in %q", laws[n].name, good)
			}
		}
	}
	got := queriesOf("x.sql", "-- X is: a query.\n-- name: X :one\nselect 1 -- xmin\nfrom y;\n")
	if len(got) != 1 || got[0].sql != "select 1\nfrom y" {
		t.Errorf("%+v", got)
	}
}
