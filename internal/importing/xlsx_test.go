package importing

import (
	"archive/zip"
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
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
