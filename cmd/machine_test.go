package cmd_test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// machines are folders that only somebody's own machine has.
var machines = regexp.MustCompile(`(?:^|[\s"'(=` + "`" + `])/(?:work|root|Users|home)/\w+`)

// everywhere is where a package manager of many machines puts its programs.
const everywhere = "/home/linuxbrew/"

func TestNoFileNamesAPlaceOnSomebodysMachine(t *testing.T) {
	found := func(name, text string) (all []string) {
		return lines(machines, name, strings.ReplaceAll(text, everywhere, ""))
	}
	for name, text := range texts(t) {
		for _, where := range found(name, text) {
			t.Error(where)
		}
	}
	for _, folder := range []string{"home/somebody", "root/x", "work/main"} {
		if text := "cd /" + folder; len(found("control", text)) == 0 {
			t.Errorf("not found: %s", text)
		}
	}
}

func TestNoFileIsALink(t *testing.T) {
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "node_modules", d.Name() == ".git":
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type()&fs.ModeSymlink != 0:
			t.Errorf("%s is a link: where it leads another machine has nothing", p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
