package cmd_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

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
