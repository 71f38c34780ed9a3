package cmd_test

import (
	"path/filepath"
	"testing"
)

// Migrations are applied in the order of their names. One number has two files, which was found too late to change.
func TestEveryMigrationHasANumberOfItsOwn(t *testing.T) {
	twice := map[string]bool{"0021_find_offerings_of_services.sql": true}
	for _, folder := range []string{"tenant", "shared"} {
		files, err := filepath.Glob("../migrations/" + folder + "/*.sql")
		if err != nil || len(files) < 20 {
			t.Fatal(len(files), err)
		}
		last := ""
		for _, file := range files {
			name := filepath.Base(file)
			if name[:4] == last && !twice[name] {
				t.Errorf("%s: another migration has its number", file)
			}
			last = name[:4]
		}
	}
}
