package contract

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// The fonts of the file: all of Latin with Vietnamese, Greek, Cyrillic, Armenian and Georgian.
var (
	//go:embed fonts/DejaVuSans.ttf
	regular []byte
	//go:embed fonts/DejaVuSans-Bold.ttf
	bold []byte
)

var letters = sync.OnceValues(func() (*sfnt.Font, error) { return sfnt.Parse(regular) })

// printed is a text in the letters that the file has. Others, which would be empty boxes, stand as their code points:
// [U+5C71 U+7530]. The kept signature has them as they were typed.
func printed(text string) (out string, all bool) {
	font, err := letters()
	if err != nil {
		panic(err) // it comes with the program
	}
	var b strings.Builder
	var buffer sfnt.Buffer
	within := false
	for _, r := range norm.NFC.String(text) {
		glyph, err := font.GlyphIndex(&buffer, r)
		missing := (err != nil || glyph == 0) && r != '\n'
		switch {
		case missing && within:
			fmt.Fprintf(&b, " U+%04X", r)
		case missing:
			fmt.Fprintf(&b, "[U+%04X", r)
		case within:
			b.WriteString("]")
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		within = missing
	}
	if within {
		b.WriteString("]")
	}
	out = b.String()
	return out, out == norm.NFC.String(text)
}
