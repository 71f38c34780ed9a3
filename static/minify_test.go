package static

import (
	"path"
	"strings"
	"testing"
)

func TestMinifyTakesOnlyWhatMeansNothing(t *testing.T) {
	for _, c := range []struct{ name, in, out string }{
		{"comments", "/* a */a{b:c}/* } */", "a{b:c}"},
		{"blanks and the last semicolon", " a ,\n b {\n\tc : d ;\n}\n", "a,b{c :d}"},
		{"a descendant is not the element itself", "& :last-child { a: b } &:hover { a: b }",
			"& :last-child{a:b}&:hover{a:b}"},
		{"sums keep their blanks", "a { b: calc(100% - 2rem + 1px) }", "a{b:calc(100% - 2rem + 1px)}"},
		{"lists of values keep theirs", "a { margin: 0 auto; font: 500 1px a , b }", "a{margin:0 auto;font:500 1px a,b}"},
		{"strings stay whole", `a { content: " /* ; } "; b: url("data:x, y ; z") }`,
			`a{content:" /* ; } ";b:url("data:x, y ; z")}`},
		{"an escaped quote does not end a string", `a{content:"\" ; "}  b{}`, `a{content:"\" ; "}b{}`},
		{"a comment parts two words", "a/**/b{}", "a b{}"},
		{"media", "@media (width >= 60rem) { a { b: c } }", "@media (width >= 60rem){a{b:c}}"},
		{"an open comment ends the sheet", "a{b:c} /* never closed", "a{b:c}"},
		{"an open string ends the sheet", `a{b:"c`, `a{b:"c`},
	} {
		if got := string(minify([]byte(c.in))); got != c.out {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.out)
		}
	}
}

func TestMinifyTwiceIsMinifyOnce(t *testing.T) {
	once := minify(read("kindward.css"))
	if string(minify(once)) != string(once) {
		t.Error("a second pass changes the style sheet")
	}
}

func TestAScriptLosesItsCommentsAndNothingElse(t *testing.T) {
	for _, name := range names() {
		if path.Ext(name) == ".js" && !strings.HasSuffix(name, ".min.js") {
			for line := range strings.Lines(string(read(name))) {
				if strings.Count(line, "`")%2 != 0 {
					t.Errorf("%s has a text over several lines: %q", name, line)
				}
			}
		}
	}
	got := plainScript("app.js", []byte("// why\n\nif (a) { // here\n\tgo(\"//x\");\n}\n"))
	if want := "if (a) { // here\ngo(\"//x\");\n}\n"; string(got) != want {
		t.Errorf("left of the script is %q, want %q", got, want)
	}
	if kept := plainScript("htmx.min.js", []byte("  // theirs")); string(kept) != "  // theirs" {
		t.Errorf("another's script is changed: %q", kept)
	}
}
