package cmd_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Where the parts of a process are named: by what watches and answers, by the console and by the docs.
var (
	namedPart     = regexp.MustCompile(`(?:\{Name: |r\.Add\()"(\w+)"`)
	partInWords   = regexp.MustCompile(`(?m)^\t"(\w+)":\s+\{"`)
	partExplained = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|.*\\|.*\\|.*\\|$")
)

func TestEveryPartOfAProcessHasWordsOnTheConsoleAndInTheDocs(t *testing.T) {
	raw, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, health, _ := strings.Cut(string(raw), "\n## Health\n")
	health, _, _ = strings.Cut(health, "\n## ")
	files := map[string]string{}
	for _, s := range sources(t) {
		files[s.path] = s.text
	}
	names := func(text string, named *regexp.Regexp) (all []string) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	parts := names(files["cmd/kindward/health.go"]+files["handlers/web/health.go"], namedPart)
	for place, told := range map[string][]string{
		"handlers/ops/health.go": names(files["handlers/ops/health.go"], partInWords),
		"docs/operations.md":     names(health, partExplained)} {
		if len(parts) < 8 || !slices.Equal(told, parts) {
			t.Errorf("%s has words for %v, and there are %v", place, told, parts)
		}
	}
}

var errorLine = regexp.MustCompile(
	`[lL]og\.Error(?:Context)?\((?:[a-zA-Z.()]*ctx\)?, |[a-zA-Z.()]*Context\(\), )?"([^"]+)"`)

func TestOperationsExplainEveryLineOfError(t *testing.T) {
	raw, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, s := range sources(t) {
		if s.test() || path.Ext(s.path) != ".go" {
			continue
		}
		for _, m := range errorLine.FindAllStringSubmatch(s.text, -1) {
			if seen++; !strings.Contains(string(raw), "`"+m[1]+"`") {
				t.Errorf("%s logs the error %q, and docs/operations.md does not say what it means", s.path, m[1])
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d lines of ERROR were found in the tree", seen)
	}
}
