package tenancy_test

import (
	"slices"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

func TestTheDatabaseAllowsTheKindsThatTheProgramKnowsAndNoOther(t *testing.T) {
	db := pgtest.Open(t)
	organizations := []string{search.KindClinic, search.KindLaboratory, search.KindHomeCare}
	for _, c := range []struct {
		table, column string
		want          []string
	}{
		{"directory.tenant", "kind", organizations}, {"market.reason", "kind", organizations},
		{"directory.staff_access", "kind", tenancy.StaffAccessKinds()},
	} {
		if got := db.Allowed(t, c.table, c.column); !slices.Equal(got, c.want) {
			t.Errorf("%s.%s allows %v, the program knows %v", c.table, c.column, got, c.want)
		}
	}
}
