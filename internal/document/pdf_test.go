package document

import (
	"errors"
	"strings"
	"testing"
)

// TestA28NothingActsWhereverInAPDFItHides hides a script where this reader might not look and others do.
func TestA28NothingActsWhereverInAPDFItHides(t *testing.T) {
	const acts, rests = "<< /S /JavaScript /JS (app.alert(1)) >>", "<< /S /GoTo /D (1) >>"
	stream := func(head, data string) string {
		return "9 0 obj\n<< " + head + " >>\nstream\n" + data + "\nendstream\nendobj"
	}
	const usual = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"
	cut := func(s string) string { return s[:len(s)-12] }
	noise := func(s string) string { // what a reader that fails keeps for itself
		packed := deflated(strings.Repeat("A note. ", 1<<12) + s)
		return packed[:len(packed)-6] + "\xff\xff\xff\xff\xff\xff"
	}
	rows := func(s string) (out string) { // of a picture, each with how it is to be read
		for _, c := range s {
			out += "\x00" + string(c)
		}
		return out
	}
	for name, hidden := range map[string]func(what string) string{
		"in a comment that looks like a stream": func(s string) string {
			return "% stream\n7 0 obj\n" + s + "\nendobj\n% endstream"
		},
		"in a stream, found by its place": func(s string) string { return stream("/Length 60", "7 0 obj\n"+s+"\nendobj") },
		"far behind the name of its kind": func(s string) string {
			return stream(usual+strings.Repeat(" ", 2000), deflated(s))
		},
		"behind a word in a string": func(s string) string {
			return stream(usual+" /X (\\) stream\n 1 0 obj endstream)", deflated(s))
		},
		"without the name of its kind": func(s string) string {
			return stream("/N 1 /F#69rst 4 /Filter /FlateDecode", deflated(s))
		},
		"packed twice": func(s string) string {
			return stream("/Type /ObjStm /Filter [/FlateDecode /FlateDecode]", deflated(deflated(s)))
		},
		"packed by a rule elsewhere": func(s string) string {
			return stream("/Type /ObjStm /Filter 8 0 R", deflated(deflated(s)))
		},
		"like the rows of a picture": func(s string) string {
			return stream(usual+" /DecodeParms << /Predictor 15 /Columns 1 >>", deflated(rows(s)))
		},
		"behind a line that ends otherwise": func(s string) string {
			return strings.Replace(stream(usual, deflated(s)), "stream\n", "stream\r", 1)
		},
		"behind blanks": func(s string) string {
			return strings.Replace(stream(usual, deflated(s)), "stream\n", "stream \n", 1)
		},
		"before what cannot be read": func(s string) string { return stream(usual, noise(s)) },
		"cut off": func(s string) string {
			return stream(usual, cut(deflated(s+strings.Repeat("x ", 99))))
		},
	} {
		_, err := Read("license.pdf", pdf(hidden(acts)))
		if _, ok := errors.AsType[*RefusedError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, harmless := range map[string]string{"plain": "9 0 obj\n" + rests + "\nendobj",
		"packed": stream(usual, deflated(rests)), "packed otherwise written": stream(
			"/Filter [ /FlateDecode ] /First 4 /N 1 /Type /ObjStm /X (\\) stream\n 1 0 obj)", deflated(rests)),
		"a picture": stream("/Filter /FlateDecode /DecodeParms << /Predictor 15 >>", deflated("obj /JS stream"))} {
		if _, err := Read("license.pdf", pdf(harmless)); err != nil {
			t.Errorf("control: %s: %v", name, err)
		}
	}
}
