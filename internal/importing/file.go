// Package importing brings along what an organization has in a file: it reads the file, guesses its columns, says what
// is wrong with each row and what would mend it, and adds the others, part by part.
package importing

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a file may hold. A body is in memory when it is read, so that its size bounds what reading takes.
const (
	MaxBytes   = 4 << 20
	MaxRows    = 20_000
	MaxColumns = 60
	MaxCell    = 2_000    // characters
	MaxText    = 16 << 20 // bytes of all cells: a workbook keeps what it repeats once
)

// UnreadableError is why a file cannot be taken, in words for whoever chose it.
type UnreadableError struct{ Reason string }

func (e *UnreadableError) Error() string { return e.Reason }

func unreadable(format string, args ...any) error {
	return &UnreadableError{fmt.Sprintf(format, args...)}
}

// Row is one row of a file: its number there and its cells, at least as many as the header has.
type Row struct {
	Line  int      `json:"line"`
	Cells []string `json:"cells"`
}

func firstSheet(sheets []string) (string, error) { return sheets[0], nil }

// Read is readChosen of the first sheet that is not hidden and has something in it.
func Read(body []byte, head func([]string) error, take func(Row) error) error {
	return readChosen(body, firstSheet, head, take)
}

// isWorkbook tells a workbook by its first bytes.
func isWorkbook(body []byte) bool {
	return bytes.HasPrefix(body, []byte("PK\x03\x04")) || bytes.HasPrefix(body, []byte("PK\x05\x06"))
}

// readChosen gives the header of a file, or of a sheet of a workbook, and then each of its rows, in order. Which kind
// of file it is, its first bytes say and not its name. An UnreadableError says what whoever chose it should know; any
// other error is choose's or take's.
func readChosen(body []byte, choose choice, head func([]string) error, take func(Row) error) error {
	if len(body) > MaxBytes {
		return unreadable("The file is larger than %d MB. Divide it into several.", MaxBytes>>20)
	}
	r := &reader{head: head, take: take}
	read := readText
	if isWorkbook(body) {
		read = func(body []byte, row func(int, []string) error) error { return readXLSX(body, choose, row) }
	}
	for _, other := range foreign {
		if bytes.HasPrefix(body, []byte(other.magic)) {
			return unreadable("This is %s. Save it as CSV or Excel workbook (.xlsx) and choose it again.", other.words)
		}
	}
	if err := read(body, r.row); err != nil {
		return err
	}
	switch {
	case r.header == nil && r.titles > 0:
		return unreadable("The file has only one column. Put commas, semicolons or tabs between the columns.")
	case r.header == nil:
		return unreadable("The file is empty.")
	case r.rows == 0:
		return unreadable("The file has a row of headings and no other row.")
	}
	return nil
}

var foreign = []struct{ magic, words string }{
	{"\xd0\xcf\x11\xe0", "a workbook of an old or protected kind"}, {"%PDF", "a PDF"}, {"\x1f\x8b", "a compressed file"},
	{"\x89PNG", "a picture"}, {"\xff\xd8\xff", "a picture"}, {"GIF8", "a picture"}, {"{\\rtf", "a text document"},
	{"MZ", "a program"}, {"\x7fELF", "a program"}, {"<!DOCTYPE", "a web page"}, {"<html", "a web page"},
	{"Rar!", "a compressed file"}, {"7z\xbc\xaf", "a compressed file"}, {"SQLite format", "a database"},
}

// reader holds what comes to its limits. The first row with two cells is the header, those above it are titles. A row
// that repeats the header is left out.
type reader struct {
	head         func([]string) error
	take         func(Row) error
	header       []string
	titles, rows int
	text         int // bytes of all cells
}

func (r *reader) row(line int, cells []string) error {
	cells = slices.Clone(cells)
	for i, cell := range cells {
		if strings.ContainsAny(cell, "\x00\ufffd") {
			return unreadable("Line %d has characters that no text has. Save the file as CSV in UTF-8 and choose it again.", line)
		}
		if utf8.RuneCountInString(cell) > MaxCell {
			return unreadable("Line %d has a cell of more than %d characters. Shorten it, or look for a quotation mark that is "+
				"never closed.", line, MaxCell)
		}
		if r.text += len(cell); r.text > MaxText {
			return unreadable("There is more text in the file than %d MB. Divide it into several.", MaxText>>20)
		}
		cells[i] = tidy(cell)
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	switch {
	case len(cells) == 0:
		return nil
	case len(cells) > MaxColumns:
		return unreadable("Line %d has %d columns. A file may have %d.", line, len(cells), MaxColumns)
	case r.header == nil && len(cells) == 1:
		r.titles++
		return nil
	case r.header == nil:
		r.header = cells
		return r.head(cells)
	case slices.Equal(cells, r.header):
		return nil
	case r.rows == MaxRows:
		return unreadable("The file has more than %d rows. Divide it into several.", MaxRows)
	}
	r.rows++
	return r.take(Row{line, append(cells, make([]string, max(len(r.header)-len(cells), 0))...)})
}

// tidy is a cell without what nobody sees at its ends and without marks that control something.
func tidy(cell string) string {
	cell = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t', unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, cell)
	return strings.TrimSpace(cell)
}
