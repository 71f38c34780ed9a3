package cmd_test

import (
	"path/filepath"
	"strconv"
	"testing"
)

// Migrations are applied in the order of their numbers. One number has two files, which was found too late to change.
func TestEveryMigrationHasTheNextNumber(t *testing.T) {
	twice := map[string]bool{"../migrations/tenant/0021_find_offerings_of_services.sql": true}
	for _, folder := range []string{"tenant", "shared"} {
		files, err := filepath.Glob("../migrations/" + folder + "/*.sql")
		if err != nil || len(files) < 20 {
			t.Fatal(len(files), err)
		}
		for i, file := range files {
			n, err := strconv.Atoi(filepath.Base(file)[:4])
			if want := i + 1; err != nil || n != want && !twice[file] {
				t.Errorf("%s: number %d is the next", file, want)
			}
		}
	}
}
