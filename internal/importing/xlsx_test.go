package importing

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"kindward/internal/pgtest"
	"kindward/queries/tenantdb"
)

// workbook has its first sheet empty, and on the second what people have in workbooks.
func workbook(t *testing.T) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	_, err := book.NewSheet("People")
	day, styled := book.NewStyle(&excelize.Style{NumFmt: 14})
	for cell, value := range map[string]any{"A1": "Name", "B1": "NPI", "C1": "License until", "D1": "About",
		"A3": "Ana Ruiz", "B3": "1234567893", "C3": time.Date(2028, 12, 31, 0, 0, 0, 0, time.UTC),
		"A4": "Ben Okafor", "B4": 1234567893, "C4": "2028-12-31"} {
		err = errors.Join(err, book.SetCellValue("People", cell, value))
	}
	err = errors.Join(err, styled, book.SetCellStyle("People", "C3", "C3", day),
		book.SetCellFormula("People", "D3", `HYPERLINK("https://example.test")`))
	var body bytes.Buffer
	if err = errors.Join(err, book.Write(&body)); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

func readAll(body []byte) (header []string, rows []Row, err error) {
	err = Read(body, func(cells []string) error {
		header = cells
		return nil
	}, func(r Row) error {
		rows = append(rows, r)
		return nil
	})
	return header, rows, err
}

func TestAWorkbooksRowsHaveDatesAndNumbersAsPeopleSeeThemAndNoFormula(t *testing.T) {
	header, rows, err := readAll(workbook(t))
	if err != nil || !reflect.DeepEqual(header, []string{"Name", "NPI", "License until", "About"}) {
		t.Fatal(header, err)
	}
	want := []Row{{3, []string{"Ana Ruiz", "1234567893", "12-31-28", ""}},
		{4, []string{"Ben Okafor", "1234567893", "2028-12-31", ""}}}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("%+v", rows)
	}
	if r := date(rows[0].Cells[2], &Known{}); r.wrong != "" || r.value != "2028-12-31" {
		t.Errorf("the date of a workbook is read as %+v", r)
	}
}

// packed is a workbook to look at, with a sheet of so many bytes that are all the same.
func packed(t *testing.T, bytesOfSheet int) []byte {
	t.Helper()
	var body bytes.Buffer
	z := zip.NewWriter(&body)
	var err error
	for name, text := range map[string]string{"xl/workbook.xml": "<workbook/>",
		"xl/worksheets/sheet1.xml": strings.Repeat(" ", bytesOfSheet)} {
		part, failed := z.Create(name)
		if failed == nil {
			_, failed = part.Write([]byte(text))
		}
		err = errors.Join(err, failed)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

func TestA29AWorkbookThatUnpacksToFarMoreIsRefusedBeforeItIs(t *testing.T) {
	for name, body := range map[string][]byte{"together": packed(t, maxUnpacked+1), "by its ratio": packed(t, 4<<20)} {
		if err := checkZip(body); err == nil || !strings.Contains(err.Error(), "too large once it is unpacked") {
			t.Errorf("%s: of %d bytes: %v", name, len(body), err)
		}
	}
	if err := checkZip(packed(t, 1000)); err != nil {
		t.Errorf("the control, a small one, is refused: %v", err)
	}
}

// What a bomb says of itself may be a lie: then the library stops at the same bound, or the sum does not agree.
func TestA29AWorkbookThatLiesAboutItsSizeIsRefused(t *testing.T) {
	body := packed(t, maxUnpacked+1)
	large := []byte{byte((maxUnpacked + 1) & 0xff), byte((maxUnpacked + 1) >> 8 & 0xff),
		byte((maxUnpacked + 1) >> 16 & 0xff), byte((maxUnpacked + 1) >> 24)}
	if !bytes.Contains(body, large) {
		t.Fatal("the size is not there to be changed")
	}
	body = bytes.ReplaceAll(body, large, []byte{16, 0, 0, 0})
	_, _, err := readAll(body)
	if _, refused := errors.AsType[*UnreadableError](err); !refused {
		t.Errorf("taken: %v", err)
	}
}

// large is a workbook of so many rows by columns with text, as a program writes it.
func large(t *testing.T, rows, columns int) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	sheet, err := book.NewStreamWriter("Sheet1")
	for n := range rows {
		cells := make([]any, columns)
		for i := range cells {
			if cells[i] = fmt.Sprintf("Cell %d of %d", i, n); n == 0 {
				cells[i] = fmt.Sprintf("Column %d", i)
			}
		}
		if err == nil {
			err = sheet.SetRow(fmt.Sprint("A", n+1), cells)
		}
	}
	var body bytes.Buffer
	if err = errors.Join(err, sheet.Flush(), book.Write(&body)); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

func TestA29ALargeWorkbookIsReadInLittleMemory(t *testing.T) {
	body := large(t, 10_001, 20)
	began, most := time.Now(), peak(t)
	read, err := readTable(t.Context(), body, "")
	if err != nil || len(read.rows) != 10_000 {
		t.Fatal(len(read.rows), err)
	}
	grown := most() >> 20
	t.Logf("10,000 rows by 20 columns, %d kB: %s and %d MiB", len(body)>>10, time.Since(began), grown)
	if grown > 64 {
		t.Errorf("%d MiB", grown)
	}
}

// sheets is a workbook of two sheets with people, an empty one and one that is hidden.
func sheets(t *testing.T) []byte {
	t.Helper()
	return []byte(book(t, map[string]any{"A1": "Name", "B1": "Specialty", "A2": "Ana Ruiz", "B2": "Dentist"},
		func(f *excelize.File) error {
			var all error
			for _, name := range []string{"Nurses", "Empty", "Hidden"} {
				_, err := f.NewSheet(name)
				all = errors.Join(all, err)
			}
			for cell, value := range map[string]any{"A1": "Full name", "B1": "Profession", "A2": "Ben Okafor", "B2": "Midwife"} {
				all = errors.Join(all, f.SetCellValue("Nurses", cell, value), f.SetCellValue("Hidden", cell, value))
			}
			return errors.Join(all, f.SetSheetVisible("Hidden", false))
		}))
}

func TestOfAWorkbookOfSeveralSheetsOneIsChosenAndTheOthersAreForgotten(t *testing.T) {
	several, err := readTable(t.Context(), sheets(t), "")
	if !errors.Is(err, errSeveral) || strings.Join(several.sheets, ", ") != "Sheet1, Nurses" {
		t.Fatal(several.sheets, err)
	}
	b := brought{t, pgtest.Open(t).Clinic(t), uuid.New()}
	g, s := b.c.DB.Gateway, b.c.Scope(uuid.Nil)
	err = Stage(t.Context(), g, s, tenantdb.AddImportParams{ID: b.id, Kind: "practitioners", FileName: "a.xlsx",
		CreatedAt: time.Now()}, sheets(t))
	if err != nil || b.stands() != "read [] " {
		t.Fatal(err, b.stands())
	}
	choose := func(sheet string) error { return ChooseSheet(t.Context(), g, s, b.id, sheet) }
	for what, err := range map[string]error{"checked": b.check("name", "specialty"), "begun": b.begin(),
		"a sheet that is hidden": choose("Hidden"), "no sheet": choose("")} {
		if !errors.Is(err, ErrNotNow) {
			t.Errorf("%s before a sheet is chosen: %v", what, err)
		}
	}
	if err := errors.Join(choose("Nurses"), b.check()); err != nil || b.stands() != "checked [name specialty] ready 1" {
		t.Fatal(err, b.stands())
	}
	if err := choose("Sheet1"); !errors.Is(err, ErrNotNow) {
		t.Errorf("a second sheet: %v", err)
	}
	if n := pgtest.Value[int](t, b.c, `select count(*) from import_batch where file is null and
		file_name = 'a.xlsx, Nurses'`); n != 1 {
		t.Error("the workbook is kept still")
	}
}
