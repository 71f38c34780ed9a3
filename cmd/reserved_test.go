package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// reserved is what one package does for all: the import and the name that stand for it, and the only package that may
// use them.
var reserved = []struct{ pkg, name, only string }{
	{"time", "LoadLocation", "internal/civil"},
	{"golang.org/x/time/rate", "", "internal/ratelimit"}, // nothing of it
}

// breaches gives what a file does that is reserved for another package. Tests and generated files may.
func breaches(s source) (found []string) {
	if s.test() || s.generated() {
		return nil
	}
	if path.Ext(s.path) == ".templ" {
		if strings.Contains(s.text, "time.LoadLocation") || strings.Contains(s.text, `"golang.org/x/time/rate"`) {
			return []string{s.path + " reads zones or limits rates itself"}
		}
		return nil
	}
	tree, err := parser.ParseFile(token.NewFileSet(), s.path, s.text, parser.SkipObjectResolution)
	if path.Ext(s.path) != ".go" || err != nil {
		return nil // the compiler says it better
	}
	imports := named(tree)
	for _, r := range reserved {
		if s.in(r.only) {
			continue
		}
		for _, imported := range imports {
			if imported == r.pkg && r.name == "" {
				found = append(found, s.path+" imports "+r.pkg+", which is reserved for "+r.only)
			}
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok && r.name != "" && x.Sel.Name == r.name && imports[identifier(x.X)] == r.pkg {
				found = append(found, s.path+" asks for "+r.pkg+"."+r.name+", which is reserved for "+r.only)
			}
			return true
		})
	}
	return found
}

func TestZonesAreReadAndRatesLimitedInOnePackageEach(t *testing.T) {
	used := map[string]int{}
	for _, s := range sources(t) {
		for _, breach := range breaches(s) {
			t.Error(breach)
		}
		for _, r := range reserved {
			if s.in(r.only) && len(breaches(source{"internal/elsewhere/x.go", s.text})) > 0 {
				used[r.only]++
			}
		}
	}
	for _, r := range reserved {
		if used[r.only] == 0 {
			t.Errorf("%s does not use %s itself: is it still the one?", r.only, r.pkg)
		}
	}
	reads := "package x\nimport \"time\"\nvar z, _ = time.LoadLocation(`UTC`)\n"
	limits := "package x\nimport \"golang.org/x/time/rate\"\nvar l rate.Limit\n"
	for _, bad := range []source{
		{"internal/booking/x.go", reads}, {"cmd/kindward/x.go", limits}, {"internal/ratelimit/x.go", reads},
		{"internal/civil/x.go", limits},
		{"handlers/web/x.go", "package x\nimport clock \"time\"\nvar f = clock.LoadLocation\n"},
		{"handlers/web/x.go", "package x\nimport limit \"golang.org/x/time/rate\"\nvar l limit.Limit\n"},
		{"views/x.templ", "package x\n{ time.LoadLocation(zone) }"},
	} {
		if len(breaches(bad)) == 0 {
			t.Errorf("control: nothing is found in %s: %s", bad.path, bad.text)
		}
	}
	for _, good := range []source{
		{"internal/civil/x.go", reads}, {"internal/ratelimit/x.go", limits}, {"internal/booking/x_test.go", reads + limits},
		{"internal/booking/x.go", "package x\n// time.LoadLocation is called elsewhere\nvar f = registry.LoadLocation"},
		{"views/x_templ.go", reads},
	} {
		if found := breaches(good); len(found) > 0 {
			t.Errorf("control: %v", found)
		}
	}
}
