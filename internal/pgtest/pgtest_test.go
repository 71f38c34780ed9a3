package pgtest

import "testing"

func TestMain(m *testing.M) { Main(m) }

func TestATestsAdministratorLeavesWithIt(t *testing.T) {
	db := Open(t)
	db.Admin(t, "select 1")
	t.Run("inside", func(t *testing.T) {
		db.Admin(t, "select 1")
		db.Admin(t, "select 1")
		if n := len(db.admins); n != 2 {
			t.Errorf("%d administrators for two tests", n)
		}
	})
	if n := len(db.admins); n != 1 {
		t.Errorf("%d administrators are kept for the one test that runs", n)
	}
}
