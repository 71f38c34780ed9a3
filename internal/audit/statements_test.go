package audit

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	askedAction  = regexp.MustCompile(`\.action (?:=|<>|in|not in) (\('[^)]*'\)|'[^']*')`)
	quotedWord   = regexp.MustCompile(`'([^']*)'`)
	eventInserts = regexp.MustCompile(`(?s)insert into audit\.event \(([^)]*)\)\s*(?:select(?: distinct)?|values \()(.*?)(?:;|\z)`)
)

// undefined are the actions of a statement that nothing else knows: those that it asks for, and those that it writes.
func undefined(sql string) (wrong []string) {
	for _, asked := range askedAction.FindAllStringSubmatch(sql, -1) {
		for _, word := range quotedWord.FindAllStringSubmatch(asked[1], -1) {
			if !slices.Contains(Actions(), word[1]) {
				wrong = append(wrong, word[1])
			}
		}
	}
	for _, event := range eventInserts.FindAllStringSubmatch(sql, -1) {
		columns, values := split(event[1]), split(event[2])
		value := func(column string) string {
			if n := slices.Index(columns, column); n < len(values) {
				value, _, _ := strings.Cut(values[n], "from")
				return strings.TrimSpace(value)
			}
			return ""
		}
		resource, action := value("resource"), value("action")
		whole := quotedWord.FindString(resource) == resource && quotedWord.FindString(action) == action
		of := strings.Trim(resource, "'") + " " + strings.Trim(action, "'")
		if _, known := actions[of]; whole && !known {
			wrong = append(wrong, of)
		}
	}
	return wrong
}

// split is a list at the commas that stand outside of brackets and quotes.
func split(list string) (all []string) {
	depth, quoted, from := 0, false, 0
	for n, r := range list + "," {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case strings.ContainsRune("([", r):
			depth++
		case strings.ContainsRune(")]", r):
			depth--
		case r == ',' && depth == 0:
			all, from = append(all, strings.TrimSpace(list[from:n])), n+1
		}
	}
	return all
}

func TestEveryActionInAStatementIsOneOfTheTable(t *testing.T) {
	read := 0
	err := filepath.WalkDir("../../queries", func(file string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".sql" {
			return err
		}
		raw, err := os.ReadFile(file)
		read += strings.Count(string(raw), "insert into audit.event")
		for _, wrong := range undefined(string(raw)) {
			t.Errorf("%s: %q is not in the table of actions", file, wrong)
		}
		return err
	})
	if err != nil || read < 40 {
		t.Fatalf("%d statements write events, %v", read, err)
	}
	for action := range signIns {
		if _, known := actions["Account "+action]; !known {
			t.Errorf("support is told of %q, which nobody writes", action)
		}
	}
	for _, bad := range []string{"where e.action in ('sign-in', 'sign-in-second')", "where e.action <> 'sealed'",
		"insert into audit.event (purpose, resource, action, outcome) values ('x', 'Account', 'enter', 'success');",
		"insert into audit.event (tenant_id, resource, resource_id, action)\nselect (select f(1, 2)), 'Slot', a, 'eat' from a"} {
		if len(undefined(bad)) != 1 {
			t.Errorf("control: %q passes", bad)
		}
	}
}
