package static

import (
	"bytes"
	"path"
	"strings"
)

// minify takes comments and needless white space out of a style sheet, and nothing else:
// a quarter of the file for forty lines. It knows strings, so data: URLs stay whole, and it
// leaves the blanks that mean something: between selectors, and round + and - in calc().
func minify(css []byte) []byte {
	out := make([]byte, 0, len(css))
	blank := false // a blank was read and not yet written
	put := func(c byte) {
		if blank && len(out) > 0 && !closes(out[len(out)-1]) && !opens(c) {
			out = append(out, ' ')
		}
		blank = false
		if c == '}' {
			out = bytes.TrimSuffix(out, []byte(";"))
		}
		out = append(out, c)
	}
	for i := 0; i < len(css); {
		switch c := css[i]; {
		case c == '/' && i+1 < len(css) && css[i+1] == '*':
			end := bytes.Index(css[i+2:], []byte("*/"))
			if end < 0 {
				return out
			}
			blank = true
			i += end + 4
		case c == '"' || c == '\'':
			end := i + stringLen(css[i:])
			put(c)
			out = append(out, css[i+1:end]...)
			i = end
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			blank = true
			i++
		default:
			put(c)
			i++
		}
	}
	return out
}

// plainScript takes comments that have a line of their own and indentation out of a script of ours. It knows nothing
// of the language: a text over several lines would lose its indentation, so there is none (a test says so). Scripts
// that others have minified stay as they are.
func plainScript(name string, text []byte) []byte {
	if path.Ext(name) != ".js" || strings.HasSuffix(name, ".min.js") {
		return text
	}
	var out []byte
	for line := range bytes.Lines(text) {
		if line = bytes.TrimLeft(line, " \t"); !bytes.HasPrefix(line, []byte("//")) && len(bytes.TrimSpace(line)) > 0 {
			out = append(out, line...)
		}
	}
	return out
}

// closes says that a blank after c means nothing. A colon counts: in a declaration the blank
// behind it is idle, and a selector never has one there.
func closes(c byte) bool { return c == '{' || c == '}' || c == ';' || c == ',' || c == ':' }

// opens says that a blank before c means nothing. A colon does not count: "& :hover" is not "&:hover".
func opens(c byte) bool { return c == '{' || c == '}' || c == ';' || c == ',' }

// stringLen is the length of the quoted string at the start of s, quotes included.
func stringLen(s []byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return len(s)
}
