package audit_test

import (
	"slices"
	"testing"

	"kindward/internal/audit"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestTheDatabaseAllowsThePurposesAndOutcomesOfTheseListsAndNoOther(t *testing.T) {
	db := pgtest.Open(t)
	for column, want := range map[string][]string{"purpose": audit.Purposes(), "outcome": audit.Outcomes()} {
		if got := db.Allowed(t, "audit.event", column); !slices.Equal(got, want) {
			t.Errorf("audit.event.%s allows %v, the list is %v", column, got, want)
		}
	}
	if got := db.Allowed(t, "audit.event", "action"); len(got) != 0 {
		t.Errorf("control: a column without a list of words has %v", got)
	}
	const one = `insert into audit.event (purpose, resource, action, outcome) values ($1, 'Patient', 'read', 'success')`
	conn := db.Connect(t, db.AdminURL())
	for purpose, code := range map[string]string{"care": "", audit.PurposeOfOld: "23514", "Care": "23514", "": "23514"} {
		if _, err := conn.Exec(t.Context(), one, purpose); tenancy.Code(err) != code {
			t.Errorf("a new event with the purpose %q: %v", purpose, err)
		}
	}
}
