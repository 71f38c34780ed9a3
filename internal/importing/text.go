package importing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// longestLine is how many cells a line may have: a spreadsheet writes empty ones to its last column.
const longestLine = 20_000

// readText reads rows of text, whatever separates the cells and however the letters are written.
func readText(body []byte, row func(int, []string) error) error {
	text, err := io.ReadAll(transform.NewReader(bytes.NewReader(body), encodingOf(body).NewDecoder()))
	if err != nil {
		return unreadable("The letters of the file cannot be read. Save it as CSV in UTF-8 and choose it again.")
	}
	if n := bytes.IndexByte(text, 0); n >= 0 {
		return unreadable("Line %d has characters that no text has. Save the file as CSV in UTF-8 and choose it again.",
			1+bytes.Count(text[:n], []byte("\n")))
	}
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	above, separator := separated(text)
	line := 0
	for one := range bytes.Lines(text) {
		if line++; bytes.Count(one, []byte(string(separator))) > longestLine {
			return unreadable("Line %d has more cells than any table. Look for what separates them.", line)
		}
	}
	r := csv.NewReader(bytes.NewReader(text[above:]))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = separator, -1, true, true
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := r.FieldPos(0)
		line += min(above, 1)
		if err != nil {
			return unreadable("Line %d cannot be read. Look for a quotation mark that is never closed.", line)
		}
		if err := row(line, cells); err != nil {
			return err
		}
	}
}

// encodingOf is how letters are written in a file: as its mark says, else as UTF-16 where every second byte is none of
// a letter, else as UTF-8, and as Windows wrote them where that cannot be.
func encodingOf(body []byte) encoding.Encoding {
	first := body[:min(len(body), 2000)]
	even, odd := 0, 0
	for i, b := range first {
		switch {
		case b != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	switch {
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}), odd > len(first)/4 && even == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}), even > len(first)/4 && odd == 0:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case mostlyUTF8(body):
		return unicode.UTF8BOM
	}
	return charmap.Windows1252
}

// mostlyUTF8 tells whether more letters beyond ASCII are written as UTF-8 than are not: then the others are broken.
func mostlyUTF8(body []byte) bool {
	good, bad := 0, 0
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		body = body[size:]
	}
	return good > bad || bad == 0
}

// separated tells what stands between the cells: what a line of Excel's own says, which ends at above, else what the
// first line with some of it has most of.
func separated(text []byte) (above int, separator rune) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if sep, ok := strings.CutPrefix(strings.ToLower(string(line)), "sep="); ok && len(sep) == 1 &&
		strings.Contains(",;\t|", sep) {
		return len(text) - len(rest), rune(sep[0])
	}
	for range titleLines {
		most := 0
		if len(bytes.Trim(line, ",;|\t ")) == 0 {
			line = nil
		}
		for _, one := range ",;\t|" {
			if n := outsideQuotes(line, byte(one)); n > most {
				separator, most = one, n
			}
		}
		if most > 0 {
			return 0, separator
		}
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	return 0, ','
}

// titleLines is how many lines may stand above the header.
const titleLines = 10

func outsideQuotes(line []byte, separator byte) (n int) {
	quoted := false
	for _, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == separator && !quoted:
			n++
		}
	}
	return n
}
