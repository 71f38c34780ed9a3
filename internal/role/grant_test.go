package role

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kindward/internal/pgtest"
)

func TestOfAll25PairsPagesAndStatementsLetTheSame9BeGranted(t *testing.T) {
	app := pgtest.Open(t)
	conn := app.Connect(t, app.IdentityURL())
	granted := 0
	for _, granter := range organization {
		for _, given := range organization {
			var may bool
			err := conn.QueryRow(t.Context(), `select directory.may_grant($1, $2)`, granter.Role, given.Role).Scan(&may)
			if err != nil {
				t.Fatal(err)
			}
			if may != MayGrant(granter.Role, given.Role) {
				t.Errorf("%s grants %s: the database says %t", granter.Role, given.Role, may)
			}
			if may {
				granted++
			}
		}
	}
	if granted != 5+4 {
		t.Errorf("%d pairs may: owners grant 5 roles, managers 4, nobody else any", granted)
	}
	for _, nobody := range []any{nil, "", "Owner", Administrator} {
		var may bool
		err := conn.QueryRow(t.Context(), `select directory.may_grant($1, $2)`, nobody, Billing).Scan(&may)
		if err != nil || may {
			t.Errorf("%v grants: %t, %v", nobody, may, err)
		}
	}
}

// named are the statements that name a mighty role themselves, and how often, because they ask something else than who
// may grant: whose rows are locked, is another owner left, who is to be told, whether whoever asks is an owner still.
var named = map[string]int{"ChangeRole": 3, "EndMembership": 3, "Owners": 1, "OwnersAndManagers": 1, "AddAPIKey": 1,
	"RevokeAPIKey": 1, "KeepSSO": 1, "RequireSSO": 1, "RemoveSSO": 1, "AddSSODomain": 1, "VerifySSODomain": 1,
	"RemoveSSODomain": 1, "Member": 1, "SetSSOLife": 1, "DisconnectSSO": 1, "NoteSSO": 1, "WriteSSOTest": 1}

var comparison = regexp.MustCompile(`(?i)(=|<>|!=|\bin \()\s*'(owner|manager)'`)

// comparisons counts in each statement of a file how often it compares a role with a mighty one.
func comparisons(sql string) map[string]int {
	found := map[string]int{}
	for _, statement := range strings.Split(sql, "-- name: ")[1:] {
		name, body, _ := strings.Cut(statement, " ")
		if n := len(comparison.FindAllString(body, -1)); n > 0 {
			found[name] = n
		}
	}
	return found
}

func TestNoStatementDecidesByItselfWhoMayGrantARole(t *testing.T) {
	files, err := filepath.Glob("../../queries/*/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, n := range comparisons(string(raw)) {
			seen++
			if n != named[name] {
				t.Errorf("%s: %s compares a role with owner or manager %d times, not %d: is directory.may_grant meant?",
					filepath.Base(file), name, n, named[name])
			}
		}
	}
	if seen != len(named) {
		t.Errorf("%d statements name a mighty role, the list has %d", seen, len(named))
	}
	for _, own := range []string{"m.role = 'owner'", "m.role in ('owner', 'manager')", "role <> 'owner'"} {
		if len(comparisons("-- name: A :one\nselect 1 where "+own+";")) == 0 {
			t.Errorf("control: %s is not noticed", own)
		}
	}
}
