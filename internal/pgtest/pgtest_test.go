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
	if apart := time.Until(One[time.Time](t, db, "select clock_timestamp()")).Abs(); apart > 5*time.Second {
		t.Errorf("they are %s apart", apart)
	}
	file := filepath.Join(t.TempDir(), "now")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	ahead, _ := strconv.Atoi(os.Getenv("KINDWARD_TEST_AHEAD"))
	if off := (time.Since(made.ModTime()) - time.Duration(ahead)*time.Second).Abs(); off > 5*time.Second {
		t.Errorf("the tests are %s away from the instant that was asked for", off)
	}
}
