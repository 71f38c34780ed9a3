package importing

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// broken is a file as people have them, and how it ends: its header and rows, or why it is refused behind an "!".
type broken struct{ name, body, ends string }

const named = "Name,City\n"

func encoded(e encoding.Encoding, text string) string {
	out, err := e.NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return out
}

var brokenTexts = []broken{
	{"nothing", "", "! is empty"},
	{"only blanks", " \r\n\t\n,,\n", "! is empty"},
	{"only a mark of UTF-8", "\xef\xbb\xbf", "! is empty"},
	{"only headings", named, "! no other row"},
	{"the headings twice", named + "Ana,Lima\n" + named + "Ben,Bern\n", "Name|City / 2 Ana|Lima / 4 Ben|Bern"},
	{"one heading twice", "Name,Name\nAna,Ben\n", "Name|Name / 2 Ana|Ben"},
	{"one column", "Name\nAna\nBen\n", "! only one column"},
	{"a title above", "Our people\n\n" + named + "Ana,Lima\n", "Name|City / 4 Ana|Lima"},
	{"a title above semicolons", "Our people\nName;City\nA, B;Lima\n", "Name|City / 3 A, B|Lima"},
	{"semicolons", "Name;City\nRuiz, Ana;Lima\n", "Name|City / 2 Ruiz, Ana|Lima"},
	{"tabs", "Name\tCity\nAna\tLima\n", "Name|City / 2 Ana|Lima"},
	{"bars", "Name|City\nAna|Lima\n", "Name|City / 2 Ana|Lima"},
	{"what Excel says of separators", "sep=;\nName;City\nAna;Lima\n", "Name|City / 3 Ana|Lima"},
	{"a mark of UTF-8", "\xef\xbb\xbf" + named + "José,Lima\n", "Name|City / 2 José|Lima"},
	{"UTF-16, little end first", encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), named+"José,Lima\n"),
		"Name|City / 2 José|Lima"},
	{"UTF-16, big end first", encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), named+"José,Lima\n"),
		"Name|City / 2 José|Lima"},
	{"UTF-16 without a mark", encoded(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), named+"José,Lima\n"),
		"Name|City / 2 José|Lima"},
	{"Windows-1252", encoded(charmap.Windows1252, named+"José “Pepe”,Lima\n"), "Name|City / 2 José “Pepe”|Lima"},
	{"UTF-8 with a broken letter", named + "José,São Paulo\nJos\xc3,Lima\n", "! Line 3 has characters"},
	{"half of UTF-16", "\xff\xfeN\x00a", "! Line 1 has characters"},
	{"UTF-32", "\xff\xfe\x00\x00N\x00\x00\x00,\x00\x00\x00", "! characters that no text has"},
	{"zero bytes", named + "Ana,Li\x00ma\n", "! Line 2 has characters"},
	{"line breaks of old Macs", "Name,City\rAna,Lima\rBen,Bern\r", "Name|City / 2 Ana|Lima / 3 Ben|Bern"},
	{"line breaks of several systems", "Name,City\r\nAna,Lima\nBen,Bern\r", "Name|City / 2 Ana|Lima / 3 Ben|Bern"},
	{"a line break in quotation marks", named + "\"Ana\nRuiz\",Lima\nBen,Bern\n", "Name|City / 2 Ana Ruiz|Lima / 4 Ben|Bern"},
	{"doubled quotation marks", named + "\"Ana \"\"Pepa\"\" Ruiz\",Lima\n", `Name|City / 2 Ana "Pepa" Ruiz|Lima`},
	{"a quotation mark in a cell", named + "Ana 6\" Ruiz,Lima\n", `Name|City / 2 Ana 6" Ruiz|Lima`},
	{"a quotation mark that is never closed", named + "\"Ana,Lima\n" + strings.Repeat("Ben,Bern\n", 400),
		"! never closed"},
	{"a row that ends early", named + "Ana\nBen,Bern\n", "Name|City / 2 Ana| / 3 Ben|Bern"},
	{"a row that ends late", named + "Ruiz, Ana,Lima\nBen,Bern\n", "Name|City / 2 Ruiz|Ana|Lima / 3 Ben|Bern"},
	{"blank columns behind", "Name,City,,,\nAna,Lima,,,\n", "Name|City / 2 Ana|Lima"},
	{"blank rows", "\n\n" + named + "\n,\nAna,Lima\n\n\n", "Name|City / 6 Ana|Lima"},
	{"spaces that nobody sees", "\u00a0Name\u200b , City\u3000\n Ana\u00a0 ,\u202eLima\n", "Name|City / 2 Ana|Lima"},
	{"a long line", named + strings.Repeat("A", MaxBytes/2) + ",Lima\n", "! cell of more than 2000"},
	{"more than it may be", strings.Repeat("A", MaxBytes+1), "! larger than 4 MB"},
	{"many columns", strings.Repeat("Name,", 10_000) + "City\n", "! has 10001 columns"},
	{"many rows", named + strings.Repeat("A,B\n", MaxRows+1), "! more than 20000 rows"},
	{"a PDF", "%PDF-1.7\n", "! a PDF"},
	{"a picture", "\x89PNG\r\n\x1a\n", "! a picture"},
	{"a web page", "<!DOCTYPE html>\n", "! a web page"},
	{"a program", "MZ\x90\x00", "! a program"},
	{"a compressed file", "\x1f\x8b\x08\x00", "! a compressed file"},
	{"an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "! old or protected kind"},
	{"a compressed file without a workbook", "PK\x05\x06" + strings.Repeat("\x00", 18), "! no Excel workbook"},
	{"half a workbook", "PK\x03\x04\x14\x00\x06\x00", "! cut off or broken"},
}

// ended is how a file ends, in the words of the table.
func ended(body []byte) string {
	header, rows, err := readAll(body)
	if bad, ok := errors.AsType[*UnreadableError](err); ok {
		return "! " + bad.Reason
	}
	if err != nil {
		return err.Error()
	}
	all := []string{strings.Join(header, "|")}
	for _, r := range rows {
		all = append(all, fmt.Sprint(r.Line, " ", strings.Join(r.Cells, "|")))
	}
	return strings.Join(all, " / ")
}

func judge(t *testing.T, file broken) {
	t.Helper()
	got := ended([]byte(file.body))
	why, refused := strings.CutPrefix(file.ends, "! ")
	if refused && strings.HasPrefix(got, "! ") && strings.Contains(got, why) || got == file.ends {
		return
	}
	t.Errorf("%s: %.300s\nis not %s", file.name, got, file.ends)
}

func TestA30EachBrokenTextEndsAsItIsSaid(t *testing.T) {
	if len(brokenTexts) < 40 {
		t.Errorf("only %d files", len(brokenTexts))
	}
	for _, file := range brokenTexts {
		judge(t, file)
	}
}

// book is a workbook with some cells of its first sheet.
func book(t testing.TB, cells map[string]any, more func(*excelize.File) error) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	var err error
	for at, value := range cells {
		err = errors.Join(err, f.SetCellValue("Sheet1", at, value))
	}
	if more != nil {
		err = errors.Join(err, more(f))
	}
	var body bytes.Buffer
	if err = errors.Join(err, f.Write(&body)); err != nil {
		t.Fatal(err)
	}
	return body.String()
}

func TestA30EachOddWorkbookEndsAsItIsSaid(t *testing.T) {
	styled := func(at, format string) func(*excelize.File) error {
		return func(f *excelize.File) error {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			return errors.Join(err, f.SetCellStyle("Sheet1", at, at, style))
		}
	}
	head := func(more map[string]any) map[string]any {
		more["A1"], more["B1"] = "Name", "Number"
		return more
	}
	plain := book(t, head(map[string]any{}), nil)
	sheet := func(rows string) string {
		return string(withSheet(t, plain, []byte("<worksheet><sheetData>"+rows+"</sheetData></worksheet>")))
	}
	for _, file := range []broken{
		{"an empty workbook", book(t, nil, nil), "! is empty"},
		{"a number of ten digits", book(t, head(map[string]any{"A2": "Ana", "B2": 1234567893}), nil),
			"Name|Number / 2 Ana|1234567893"},
		{"a number that is shown short", book(t, head(map[string]any{"A2": "Ana", "B2": 1234567893}),
			styled("B2", "0.00E+00")),
			"Name|Number / 2 Ana|1.23E+09"},
		{"a ZIP code that is shown with its zero", book(t, head(map[string]any{"A2": "Ana", "B2": 2906}),
			styled("B2", "00000")),
			"Name|Number / 2 Ana|02906"},
		{"a number as text", book(t, head(map[string]any{"A2": "Ana", "B2": "02906"}), nil), "Name|Number / 2 Ana|02906"},
		{"a day", book(t, head(map[string]any{"A2": "Ana", "B2": 47118}), styled("B2", "d-mmm-yy")),
			"Name|Number / 2 Ana|31-Dec-28"},
		{"a formula without its value", book(t, head(map[string]any{"A2": "Ana"}), func(f *excelize.File) error {
			return f.SetCellFormula("Sheet1", "B2", "1+1")
		}), "Name|Number / 2 Ana|"},
		{"a hidden sheet", book(t, map[string]any{"A1": "Old", "B1": "Old", "A2": "1"}, func(f *excelize.File) error {
			n, err := f.NewSheet("Now")
			f.SetActiveSheet(n)
			return errors.Join(err, f.SetSheetRow("Now", "A1", &[]any{"Name", "City"}), f.SetSheetRow("Now", "A2",
				&[]any{"Ana", "Lima"}), f.SetSheetVisible("Sheet1", false))
		}), "Name|City / 2 Ana|Lima"},
		{"merged cells", book(t, head(map[string]any{"A2": "Ana", "A3": "Ben", "B3": 3}), func(f *excelize.File) error {
			return f.MergeCell("Sheet1", "A2", "B2")
		}), "Name|Number / 2 Ana| / 3 Ben|3"},
		{"a row far below", sheet(`<row r="1048576"><c r="A1048576"><v>1</v></c></row>`), "! too many empty cells"},
		{"a row beyond all", sheet(`<row r="99999999"><c r="A99999999"><v>1</v></c></row>`), "! cannot be read"},
		{"blank cells far right in each row", sheet(strings.Repeat(`<row><c r="XFD1"><f>1</f></c></row>`, 2000)),
			"! too many empty cells"},
		{"a cell of no place", sheet(`<row r="1"><c r="?"><v>1</v></c></row>`), "! cannot be read"},
		{"a text that is not there", sheet(`<row r="1"><c r="A1" t="s"><v>99</v></c><c r="B1"><v>2</v></c></row>`),
			"! no other row"},
		{"an entity", sheet(`<row r="1"><c r="A1"><v>&b;</v></c></row>`), "! cannot be read"},
		{"a sheet that ends early", sheet(`<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v>`), "! cannot be read"},
		{"a cell far right", book(t, head(map[string]any{"XFD2": "Ana"}), nil), "! has 16384 columns"},
		{"blank cells far right", book(t, head(map[string]any{"A2": "Ana", "XFD2": " "}), nil), "Name|Number / 2 Ana|"},
	} {
		judge(t, file)
	}
}
