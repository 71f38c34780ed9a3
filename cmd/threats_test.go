package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// listed is one test that docs/threats.md names: `package: TestName`.
var listed = regexp.MustCompile("`((?:cmd|handlers|internal|views)[a-z/]*): (Test[A-Za-z0-9_]+)`")

// numbered is the number of a case, in the page or in the name of a test.
var numbered = regexp.MustCompile(`(?:\b|Test)([AF])(\d\d)`)

// owed are the cases that docs/threats.md has to name a test for, or to say that it has none: of each letter from the
// first to the highest that the page or a test's name says.
func owed(page string, tests map[string]bool) (all []string) {
	last := map[string]int{}
	text := page + strings.Join(slices.Collect(maps.Keys(tests)), " ")
	for _, id := range numbered.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(id[2])
		last[id[1]] = max(last[id[1]], n)
	}
	for letter, highest := range last {
		for n := range highest {
			all = append(all, fmt.Sprintf("%s%02d", letter, n+1))
		}
	}
	return all
}

// untested are the cases that the page says have no test: lines that begin with them and say why.
func untested(page string) map[string]bool {
	all := map[string]bool{}
	_, list, _ := strings.Cut(page, "\n## Without a test here\n")
	for line := range strings.SplitSeq(list, "\n") {
		item, listed := strings.CutPrefix(line, "- ")
		if cases, why, _ := strings.Cut(item, ": "); listed && why != "" {
			for _, id := range strings.Split(cases, ", ") {
				all[id] = true
			}
		}
	}
	return all
}

// testsOf finds the tests of the tree, and which of them may skip.
func testsOf(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return errOr(err, fs.SkipDir)
		}
		if !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		for _, decl := range parsed.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			skips := false
			ast.Inspect(f, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(s.Sel.Name, "Skip") {
					skips = true
				}
				return true
			})
			all[strings.TrimPrefix(path.Dir(filepath.ToSlash(file)), "../")+": "+f.Name.Name] = skips
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func TestEveryThreatHasATestThatExistsAndDoesNotSkip(t *testing.T) {
	raw, err := os.ReadFile("../docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, rows := testsOf(t), map[string]string{}
	for line := range strings.SplitSeq(string(raw), "\n") {
		if cell := strings.Split(line, "|"); len(cell) > 2 && regexp.MustCompile(`^ [AF]\d\d $`).MatchString(cell[1]) {
			rows[strings.TrimSpace(cell[1])] = line
		}
	}
	without := untested(string(raw))
	for _, id := range owed(string(raw), tests) {
		if named := len(listed.FindAllString(rows[id], -1)) > 0; named == without[id] {
			t.Errorf("%s names a test: %t, and is listed as one without: %t", id, named, without[id])
		}
	}
	all := owed("| A01 | also A03 |", map[string]bool{"cmd: TestF02X": false})
	if slices.Sort(all); strings.Join(all, " ") != "A01 A02 A03 F01 F02" {
		t.Errorf("control: owed is %v", all)
	}
	if len(untested("\n## Without a test here\n- A01, F02: nobody can.\n- F03:\nA04: no.\n")) != 2 {
		t.Error("control: a case is let off that gives no reason, or is not in the list")
	}
	for id, row := range rows {
		for _, m := range listed.FindAllStringSubmatch(row, -1) {
			if skips, there := tests[m[1]+": "+m[2]]; !there {
				t.Errorf("%s names %s: %s, which is not there", id, m[1], m[2])
			} else if skips {
				t.Errorf("%s names %s: %s, which may skip", id, m[1], m[2])
			}
		}
	}
}
