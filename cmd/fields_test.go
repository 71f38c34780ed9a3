package cmd_test

import (
	"regexp"
	"testing"
)

// pastReader is what reads a field past the one reader of handlers/web, which brings what people typed into one form.
var pastReader = regexp.MustCompile(`\.FormValue\(|\.PostForm\b|\.PostFormValue\(|\.ParseForm\(|\.MultipartForm\b` +
	`|\.FormParams\(|\.FormFile\(|\.URL\.Query\(\)|\bParseQuery\(|\.RawQuery(?:[^ \w]| [^=])|\.QueryString\(\)|\.Bind\(`)

// readsPast tells whether a file of pages reads what was sent by itself.
func readsPast(s source) bool {
	return s.in("handlers") && !s.in("handlers/web") && !s.in("handlers/webtest") && !s.test() &&
		pastReader.MatchString(s.text)
}

// Every address of the table of routes is answered by handlers, and every handler reads through handlers/web.
func TestEveryFieldOfEveryFormGoesThroughTheOneReader(t *testing.T) {
	read := 0
	for _, s := range sources(t) {
		if readsPast(s) {
			t.Errorf("%s reads past handlers/web: %s", s.path, pastReader.FindString(s.text))
		}
		if s.in("handlers") {
			read++
		}
	}
	if read < 100 {
		t.Errorf("only %d files were read", read)
	}
	for _, bad := range []string{`c.FormValue("q")`, `c.Request().PostForm.Get("q")`, `c.Request().URL.Query()`,
		`url.Parse(r.URL.RawQuery)`} {
		if !readsPast(source{"handlers/patient/x.go", bad}) {
			t.Errorf("control: %s passes", bad)
		}
	}
}
