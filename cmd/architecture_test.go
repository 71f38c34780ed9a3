// Package cmd_test holds the tree to its plan: who may import whom, who may make queries, what may not be in the tree.
package cmd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "kindward/"

// unit is a package as the go command lists it; imports of its tests are not among them.
type unit struct {
	ImportPath, Name string
	Imports          []string
}

func units(t *testing.T) (all []unit) {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Imports", "./...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var u unit
		if err := decoder.Decode(&u); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, u)
	}
}

// arrows gives the imports of a unit that point the wrong way.
func arrows(u unit) (wrong []string) {
	from, ours := strings.CutPrefix(u.ImportPath, module)
	if !ours {
		return nil
	}
	for _, imported := range u.Imports {
		to, own := strings.CutPrefix(imported, module)
		if why := arrow(from, to, own); why != "" {
			wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", u.ImportPath, imported, why))
		}
	}
	return wrong
}

// viewsMay are the packages of internal whose plain values views show.
var viewsMay = []string{"internal/booking", "internal/civil", "internal/money", "internal/notify", "internal/search",
	"internal/venue"}

// testsOnly are the tools that no product code imports.
var testsOnly = []string{"internal/pgtest", "internal/browser", "internal/sitetest", "handlers/webtest"}

func arrow(from, to string, own bool) string {
	layer, _, _ := strings.Cut(from, "/")
	target, rest, _ := strings.Cut(to, "/")
	if !own {
		page := strings.HasPrefix(to, "github.com/labstack/echo") || strings.HasPrefix(to, "github.com/a-h/templ")
		if page && slices.Contains([]string{"internal", "queries", "migrations", "static"}, layer) {
			return "rules know no pages"
		}
		connects := strings.HasSuffix(to, "/pgxpool") || strings.HasSuffix(to, "/pgx/v5/stdlib") || to == "database/sql"
		if layer == "handlers" && connects || layer == "views" && (connects || strings.HasPrefix(to, "github.com/jackc/")) {
			return "pages reach the database through tenancy and queries"
		}
		return ""
	}
	switch {
	case target == "cmd":
		return "nothing imports a program"
	case from == "handlers/webtest" && (target == "handlers" || to == "internal/pgtest"):
		return "" // the whole product, for tests
	case from == "internal/sitetest" && (to == "internal/pgtest" || to == "internal/browser"):
		return "" // the running program, for tests
	case slices.Contains(testsOnly, to):
		return "it is for tests only"
	case layer == "cmd":
		return ""
	case layer == "migrations" || layer == "queries" || layer == "static":
		if target != layer {
			return layer + " imports nothing of the project"
		}
	case layer == "internal":
		if target == "handlers" || target == "views" {
			return "internal never imports pages"
		}
	case layer == "views":
		if target == "handlers" || target == "migrations" || target == "internal" && !slices.Contains(viewsMay, to) {
			return "views show rows and plain values"
		}
	case strings.HasPrefix(from, "handlers/"):
		if target == "handlers" && rest != "web" {
			return "what handlers share sinks to handlers/web or internal"
		}
	}
	return ""
}

func TestTheArrowsPointDown(t *testing.T) {
	all := units(t)
	if len(all) < 15 {
		t.Fatalf("only %d packages listed", len(all))
	}
	for _, u := range all {
		for _, wrong := range arrows(u) {
			t.Error(wrong)
		}
		for _, part := range strings.Split(u.ImportPath, "/") {
			if vague(part) || vague(u.Name) {
				t.Errorf("%s: the name says nothing about what is in it", u.ImportPath)
			}
		}
	}
	for from, imported := range map[string]string{
		"internal/booking": "github.com/labstack/echo/v4", "internal/search": "github.com/a-h/templ",
		"internal/notify": "kindward/views/mail", "internal/jobs": "kindward/handlers/web",
		"views/patient": "kindward/internal/tenancy", "views/ui": "kindward/handlers/web",
		"views/layout": "github.com/jackc/pgx/v5", "handlers/patient": "kindward/handlers/provider",
		"handlers/web": "kindward/handlers/account", "handlers/api": "github.com/jackc/pgx/v5/pgxpool",
		"migrations": "kindward/internal/keys", "static": "kindward/views/ui",
		"queries/tenantdb": "kindward/internal/booking", "handlers": "kindward/cmd/kindward",
		"internal/events": "kindward/internal/pgtest",
		"handlers/ops":    "kindward/handlers/webtest", "handlers/account": "kindward/internal/browser",
		"cmd/kindward": "kindward/internal/sitetest",
	} {
		if len(arrows(unit{ImportPath: module + from, Imports: []string{imported}})) == 0 {
			t.Errorf("control: %s may import %s", from, imported)
		}
	}
	for from, imported := range map[string]string{"cmd/kindward": "kindward/handlers",
		"handlers/patient": "kindward/handlers/web", "handlers/web": "kindward/internal/tenancy",
		"views/patient": "kindward/internal/search", "internal/booking": "kindward/queries/tenantdb",
		"handlers/webtest": "kindward/handlers"} {
		if wrong := arrows(unit{ImportPath: module + from, Imports: []string{imported}}); len(wrong) > 0 {
			t.Errorf("control: %v", wrong)
		}
	}
	if !vague("util") || vague("booking") {
		t.Error("control: names")
	}
}

func vague(name string) bool {
	return slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "model", "models", "service",
		"services", "misc", "shared", "lib"}, name)
}

// source is one file of the tree, by its path from the top.
type source struct{ path, text string }

func (s source) generated() bool {
	return strings.HasPrefix(s.text, "// Code generated") || strings.HasSuffix(s.path, "_templ.go")
}
func (s source) test() bool       { return strings.HasSuffix(s.path, "_test.go") }
func (s source) in(f string) bool { return strings.HasPrefix(s.path, f+"/") }

// sources reads what people write: Go, templ and SQL.
func sources(t *testing.T) (all []source) {
	t.Helper()
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && p != "..") {
			return fs.SkipDir
		}
		if !slices.Contains([]string{".go", ".templ", ".sql"}, path.Ext(p)) {
			return nil
		}
		raw, err := os.ReadFile(p)
		all = append(all, source{filepath.ToSlash(strings.TrimPrefix(p, ".."+string(filepath.Separator))), string(raw)})
		return err
	})
	if err != nil || len(all) < 50 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}

// faults gives what one file may not contain.
func faults(s source) (found []string) {
	say := func(format string, args ...any) {
		found = append(found, s.path+": "+fmt.Sprintf(format, args...))
	}
	if n := strings.Count(s.text, "\n"); n > 300 && !s.generated() && !s.test() {
		say("%d lines, more than 300", n)
	}
	if path.Ext(s.path) != ".go" {
		if strings.Contains(s.text, "templ.Raw") {
			say("templ.Raw writes unescaped text")
		}
		return found
	}
	tree, err := parser.ParseFile(token.NewFileSet(), s.path, s.text, parser.SkipObjectResolution)
	if err != nil {
		return nil // the compiler says it better
	}
	imports := named(tree)
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" && !s.generated() {
				say("init() registers behind the reader's back")
			}
		case *ast.SelectorExpr:
			from := imports[identifier(n.X)]
			if n.Sel.Name == "New" && strings.HasPrefix(from, module+"queries/") && !s.in(makerOf(from)) {
				say("makes queries; only %s may", makerOf(from))
			}
			if from == "github.com/a-h/templ" && n.Sel.Name == "Raw" {
				say("templ.Raw writes unescaped text")
			}
		case *ast.CompositeLit:
			q, ok := n.Type.(*ast.SelectorExpr)
			if !ok || q.Sel.Name != "Queries" {
				return true
			}
			if from := imports[identifier(q.X)]; strings.HasPrefix(from, module+"queries/") && !s.in(makerOf(from)) {
				say("makes queries; only %s may", makerOf(from))
			}
		case *ast.BinaryExpr, *ast.CallExpr:
			if !mayBuildSQL(s) {
				if sql := builtSQL(n); sql != "" {
					say("SQL built from strings: %.60q", sql)
				}
			}
		}
		return true
	})
	if imports["."] != "" && (!s.test() || strings.HasPrefix(imports["."], module+"queries/")) {
		say("imports %s without a name", imports["."])
	}
	return found
}

// makerOf is the one package that makes the queries of a package: the gateway those of the app's role, events those of
// the relay's.
func makerOf(queries string) string {
	if queries == module+"queries/relaydb" {
		return "internal/events"
	}
	return "internal/tenancy"
}

// named gives the imports of a file by the name they have in it.
func named(tree *ast.File) map[string]string {
	out := map[string]string{}
	for _, spec := range tree.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		out[name] = p
	}
	return out
}

func identifier(x ast.Expr) string {
	if id, ok := x.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func mayBuildSQL(s source) bool {
	return s.test() || s.generated() || s.in("internal/tenancy") || s.in("internal/embedpg") || s.in("internal/pgtest") ||
		// measures the bare SQL, on a database of its own
		s.in("internal/bench") || strings.HasPrefix(s.path, "cmd/kindward/bench")
}

var looksLikeSQL = regexp.MustCompile(
	`(?is)^\s*(select\s.+\sfrom\s|select\s+(count\(|exists|set_config)|insert\s+into\s|update\s+[\w."%]+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+(table|schema|role|database|index|policy|function)\s|truncate\s+[\w."%]+|copy\s+[\w."%]+\s+(from|to)\s|grant\s.+\sto\s|set\s+(local|role|session)\s)`)

// builtSQL gives the text if the expression joins SQL with something that is not a constant.
func builtSQL(n ast.Node) string {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.ADD && !constant(n) {
			return sqlIn(n)
		}
	case *ast.CallExpr:
		call, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		switch call.Sel.Name {
		case "Sprintf", "Fprintf", "Appendf", "WriteString", "Replace", "ReplaceAll", "Join":
			for _, arg := range n.Args {
				if text := sqlIn(arg); text != "" {
					return text
				}
			}
		case "Exec", "Query", "QueryRow", "Queue":
			for _, arg := range n.Args {
				if inner, ok := arg.(*ast.CallExpr); ok && len(inner.Args) > 0 &&
					strings.HasPrefix(identifier(receiver(inner)), "fmt") {
					return "text made by fmt"
				}
			}
		}
	}
	return ""
}

func receiver(call *ast.CallExpr) ast.Expr {
	if s, ok := call.Fun.(*ast.SelectorExpr); ok {
		return s.X
	}
	return nil
}

func constant(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return true
	case *ast.ParenExpr:
		return constant(x.X)
	case *ast.BinaryExpr:
		return constant(x.X) && constant(x.Y)
	}
	return false
}

func sqlIn(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING && looksLikeSQL.MatchString(text) {
			return text
		}
	case *ast.ParenExpr:
		return sqlIn(x.X)
	case *ast.BinaryExpr:
		return sqlIn(x.X) + sqlIn(x.Y)
	}
	return ""
}

func TestNoFileHoldsWhatIsForbidden(t *testing.T) {
	for _, s := range sources(t) {
		for _, fault := range faults(s) {
			t.Error(fault)
		}
	}
	pages := func(body string) source {
		return source{"handlers/patient/x.go",
			"package patient\nimport (\"fmt\"; \"strings\"; db \"kindward/queries/tenantdb\"; \"kindward/queries/shareddb\"; \"github.com/a-h/templ\")\n" + body}
	}
	for _, bad := range []source{
		pages("func f() { db.New(nil) }"), pages("var q = shareddb.New"), pages("var q = &db.Queries{}"),
		pages("var c = templ.Raw(x)"), pages("func init() {}"),
		pages("var s = \"select name from patient where id = '\" + id + \"'\""), pages("var s = `select name from ` + table"),
		pages("var s = fmt.Sprintf(`delete from %s`, x)"),
		pages("var s = \"update patient set name = '\" + name"),
		pages("var s = strings.ReplaceAll(`select * from TABLE where true`, `TABLE`, x)"),
		pages("func f() { c.Exec(ctx, fmt.Sprint(a, b)) }"),
		pages("var s = (\"insert into \" + \"x values (\") + v"), pages(strings.Repeat("\n", 300)),
		{"views/x.templ", "package x\n@templ.Raw(html)"}, {"queries/tenantdb/x.sql", strings.Repeat("select 1;\n", 301)},
		{"internal/booking/x.go", "package booking\nimport . \"fmt\""},
		{"internal/booking/x_test.go", "package booking\nimport . \"kindward/queries/tenantdb\""},
		{"internal/booking/x_test.go", "package booking\nimport \"kindward/queries/tenantdb\"\nvar q = tenantdb.New(nil)"},
		{"internal/audit/x.go", "package audit\nimport \"kindward/queries/relaydb\"\nvar q = relaydb.New(nil)"},
		{"internal/tenancy/x.go", "package tenancy\nimport \"kindward/queries/relaydb\"\nvar q = &relaydb.Queries{}"},
		{"internal/events/x.go", "package events\nimport \"kindward/queries/tenantdb\"\nvar q = tenantdb.New(nil)"},
	} {
		if len(faults(bad)) == 0 {
			t.Errorf("control: nothing is found in %s: %.200s", bad.path, bad.text)
		}
	}
	for _, good := range []source{
		pages("const s = \"select name \" +\n \"from patient\""),
		pages("var s = fmt.Sprintf(\"choose a time from the list of %s\", x)"),
		pages("func f() { fmt.Println(`Update your booking set for ` + day) }"), pages("var x db.PatientRow"),
		{"internal/events/x.go", "package events\nimport \"kindward/queries/relaydb\"\nvar q = relaydb.New(nil)"},
		{"internal/tenancy/x.go",
			"package tenancy\nimport \"kindward/queries/tenantdb\"\nvar q = tenantdb.New(nil)\nvar s = `alter table ` + x"},
		{"views/x_templ.go", "// Code generated by templ\npackage x" + strings.Repeat("\n", 400)},
	} {
		if found := faults(good); len(found) > 0 {
			t.Errorf("control: %v", found)
		}
	}
}
