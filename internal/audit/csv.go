package audit

import (
	"io"
	"strings"
)

// CSV writes rows that a spreadsheet shows and never computes (A23): every cell is quoted, and one that could be read
// as a formula begins with an apostrophe.
type CSV struct{ W io.Writer }

// Begin writes the heads of the columns behind the mark by which a spreadsheet knows UTF-8: without it names lose their
// accents.
func (c CSV) Begin(heads ...string) error {
	if _, err := io.WriteString(c.W, "\ufeff"); err != nil {
		return err
	}
	return c.Row(heads...)
}

// Row writes one row with the line end of RFC 4180.
func (c CSV) Row(cells ...string) error {
	quoted := make([]string, len(cells))
	for i, cell := range cells {
		quoted[i] = Cell(cell)
	}
	_, err := io.WriteString(c.W, strings.Join(quoted, ",")+"\r\n")
	return err
}

// formulas are the characters that make a spreadsheet compute, the wide forms that some of them fold included.
const formulas = "=+-@\t\r\n|%＝＋－＠"

// Cell is one value, quoted and made harmless.
func Cell(s string) string {
	s = strings.ReplaceAll(s, "\x00", "")
	if rest := strings.TrimLeft(s, " \u00a0\ufeff\u200b"); rest != "" && strings.ContainsRune(formulas, []rune(rest)[0]) {
		s = "'" + s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
