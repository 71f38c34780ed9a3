package pgtest

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

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

// The database's clock is the tests' own, also when the whole run is at another time than the machine is: holds live by
// one, pages by the other. A file's time is the machine's whatever the tests believe.
func TestTheDatabaseAndTheTestsHaveOneClock(t *testing.T) {
	db := Open(t)
	const little = time.Second // clocks of a machine may be read in grains
	near := func(at, from time.Time) bool {
		return !at.Before(from.Add(-little)) && !at.After(time.Now().Add(little))
	}
	began := time.Now()
	if at := One[time.Time](t, db, "select clock_timestamp()"); !near(at, began) {
		t.Errorf("after %s the database's clock says %s", began, at)
	}
	file := filepath.Join(t.TempDir(), "now")
	began = time.Now()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	ahead, _ := strconv.Atoi(os.Getenv("KINDWARD_TEST_AHEAD"))
	if at := made.ModTime().Add(time.Duration(ahead) * time.Second); !near(at, began) {
		t.Errorf("the tests believe that it is after %s, and were asked for %s", began, at)
	}
}
