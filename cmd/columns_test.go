package cmd_test

import (
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

const mostColumns = 120

// longText is how long a string of Go is that may stand behind the last column: a statement, a sentence, a script.
const longText = 40

// unbreakable is what has no place to go on in the next line.
var unbreakable = regexp.MustCompile(`https?://\S{80,}|<path d=`)

// tables are Go files whose rows are read across, like a table of the docs.
var tables = []string{"handlers/routes.go"}

// wide gives the lines of a file that are too long. Tables and blocks of code in the docs may be, and long texts in Go;
// migrations and style sheets are not looked at.
func wide(name, text string) (found []string) {
	free := map[int]bool{} // lines that may be long
	switch path.Ext(name) {
	case ".go":
		free = longTexts(text)
	case ".md":
		free = tabular(text)
	case ".sql":
		if !strings.HasPrefix(name, "queries/") { // a migration that has landed is not edited any more
			return nil
		}
	case ".templ", "": // "": a script of the gate
	default:
		return nil
	}
	for n, line := range strings.Split(text, "\n") {
		if c := utf8.RuneCountInString(line); c > mostColumns && !free[n+1] && !unbreakable.MatchString(line) {
			found = append(found, fmt.Sprintf("%s:%d: %d columns", name, n+1, c))
		}
	}
	return found
}

// longTexts are the lines of Go on which a part of a long string stands.
func longTexts(text string) map[int]bool {
	lines := map[int]bool{}
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), nil, 0)
	for {
		pos, kind, value := s.Scan()
		if kind == token.EOF {
			return lines
		}
		if kind == token.STRING && len(value) > longText {
			first := file.Line(pos)
			for n := range strings.Count(value, "\n") + 1 {
				lines[first+n] = true
			}
		}
	}
}

// tabular are the lines of a page of the docs that belong to a table or a block of code.
func tabular(text string) map[int]bool {
	lines, code := map[int]bool{}, false
	for n, line := range strings.Split(text, "\n") {
		fence := strings.HasPrefix(line, "```")
		lines[n+1] = code || fence || strings.HasPrefix(line, "|")
		code = code != fence
	}
	return lines
}

func TestLinesAreAtMost120ColumnsWide(t *testing.T) {
	all := texts(t)
	gate, err := os.ReadFile("../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	all[".ci/run"] = string(gate)
	for _, name := range tables {
		delete(all, name)
	}
	for name, text := range all {
		for _, wrong := range wide(name, text) {
			t.Error(wrong)
		}
	}
	long := strings.Repeat("word ", 30)
	for name, text := range map[string]string{"x.go": "package x\n\n// " + long, "x.templ": "<p>" + long + "</p>",
		"queries/x.sql": "-- " + long, "x.md": "A list:\n- " + long, "run": "# " + long, "y.md": "```\ncode\n```\n" + long} {
		if len(wide(name, text)) != 1 {
			t.Errorf("control: a long line of %s passes", name)
		}
	}
	for name, text := range map[string]string{"x.go": "package x\n\nconst a = `" + long + "`\n",
		"x.md":    "| " + long + " |",
		"x.templ": `<path d="` + long + `"></path>`, "y.md": "```\n" + long + "\n```",
		"migrations/x.sql": "-- " + long} {
		if wrong := wide(name, text); len(wrong) > 0 {
			t.Errorf("control: %v", wrong)
		}
	}
}
