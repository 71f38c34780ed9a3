package handlers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"

	"kindward/internal/policy"
)

// weakened are the policies with one clause another.
func weakened(t *testing.T, from, to string) *policy.Engine {
	t.Helper()
	folder, changed := fstest.MapFS{}, false
	files, err := filepath.Glob("../internal/policy/policies/*.cedar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(raw), from, to, 1)
		changed = changed || text != string(raw)
		folder[filepath.Base(name)] = &fstest.MapFile{Data: []byte(text)}
	}
	if !changed {
		t.Fatalf("no policy has the clause %q", from)
	}
	e, err := policy.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// quiet looks into the log and the mailbox.
func (m *matrix) quiet(t *testing.T) {
	t.Helper()
	log := m.Log.Text()
	for _, x := range m.canaries {
		if strings.Contains(log, x.text) {
			t.Errorf("LEAK: the log has the %s of %c", x.kind, 'A'+x.at)
		}
	}
	var queued []string
	if err := m.Connect(t, m.AdminURL()).QueryRow(t.Context(),
		`select coalesce(array_agg(kind), '{}') from outbox.email`).Scan(&queued); err != nil {
		t.Fatal(err)
	}
	if len(queued) > 0 {
		t.Errorf("emails were queued: %q", queued)
	}
}

// everything is all that the two organizations and their people have, without what looking itself writes.
func (m *matrix) everything(t *testing.T) string {
	t.Helper()
	admin := m.Connect(t, m.AdminURL())
	rows, err := admin.Query(t.Context(), `select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind = 'r' and (n.nspname ~ '^t_' or n.nspname in ('directory', 'market')) and c.relname not in ('session', 'throttle', 'availability', 'device') order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	var b strings.Builder
	for _, name := range tables {
		var sum string
		err := admin.QueryRow(t.Context(),
			`select count(*) || ' ' || coalesce(md5(string_agg(md5((to_jsonb(x) - 'last_used_at')::text), '' order by (to_jsonb(x) - 'last_used_at')::text)), '') from `+name+` x`).Scan(&sum)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s\n", name, sum)
	}
	return b.String()
}

func difference(before, after string) string {
	var b strings.Builder
	is := strings.Split(after, "\n")
	for n, line := range strings.Split(before, "\n") {
		if n < len(is) && line != is[n] {
			fmt.Fprintf(&b, "%s -> %s\n", line, is[n])
		}
	}
	return b.String()
}

// may tells whether somebody may ever see a canary.
func (m *matrix) may(p *person, x canary) bool {
	owner := p.asker.Account == x.who && x.who != uuid.Nil
	colleague := p.at == x.at && len(p.asker.Roles) > 0
	has := func(roles ...string) bool {
		return slices.ContainsFunc(roles,
			func(r string) bool { return slices.Contains(p.asker.Roles, r) || slices.Contains(p.asker.Staff, r) })
	}
	key := p.asker.Key != nil && p.at == x.at && p.asker.Key.Scopes[0] == "appointments.read"
	opened := p.asker.EmergencyAccess != uuid.Nil && p.asker.EmergencyAccess == m.organizations[x.at].ID
	switch x.kind {
	case "chart":
		return owner || opened || key || colleague && has("owner", "manager", "clinician", "front_desk")
	case "note":
		return owner || opened || colleague && has("owner", "manager", "clinician")
	case "account":
		// in the access log, of those who are patients there
		named := strings.HasPrefix(x.text, "Name ") && colleague && has("owner", "manager")
		named = named || strings.HasPrefix(x.text, "Name ") && x.who == m.organizations[x.at].patient[0].ID &&
			has("reviewer") // of whoever fills an application in
		return owner || named || has("support", "operator", "compliance", "administrator") && !p.asker.AsOther
	case "application":
		return owner || has("reviewer") && !p.asker.AsOther
	case "import":
		imports := p.asker.Key != nil && p.at == x.at && p.asker.Key.Scopes[0] == "imports.write"
		return imports || colleague && has("owner", "manager")
	case "team": // a patient sees who looked at the record
		return owner || colleague || has("support", "operator", "compliance", "administrator",
			"reviewer") && !p.asker.AsOther || p.at == x.at && len(p.asker.Roles) == 0 && p.asker.Key == nil ||
			p.asker.AsOther && x.at == 0
	}
	return false
}
