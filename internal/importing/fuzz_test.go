package importing

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
)

func FuzzText(f *testing.F) {
	for _, file := range brokenTexts {
		if len(file.body) < 10_000 {
			f.Add([]byte(file.body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) { fuzzed(t, body) })
}

// FuzzSheet is a sheet of a workbook that is a workbook else.
func FuzzSheet(f *testing.F) {
	whole := book(f, map[string]any{"A1": "Name", "B1": "City", "A2": "Ana"}, nil)
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row r="9999999"><c r="XFD1" t="s"><v>99</v></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row r="-1"><c r="" t="inlineStr"><is><t>x</t></is></c></row>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData><row><c><f>1/0</f><v>&b;</v></c></row></sheetData>`))
	f.Fuzz(func(t *testing.T, sheet []byte) { fuzzed(t, withSheet(t, whole, sheet)) })
}

// fuzzed reads a file, of which nothing is expected but that it ends within bounds.
func fuzzed(t *testing.T, body []byte) {
	t.Helper()
	header, rows, err := readAll(body)
	if _, refused := errors.AsType[*UnreadableError](err); err != nil && !refused {
		t.Fatal(err)
	}
	for _, r := range rows {
		if len(r.Cells) < len(header) || len(r.Cells) > MaxColumns {
			t.Fatalf("line %d has %d cells", r.Line, len(r.Cells))
		}
		for _, cell := range r.Cells {
			date(cell, &Known{})
			npiNumber(cell, &Known{})
			languages(cell, &Known{})
		}
	}
}

// withSheet is a workbook with another first sheet.
func withSheet(t *testing.T, whole string, sheet []byte) []byte {
	t.Helper()
	from, err := zip.NewReader(strings.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	to := zip.NewWriter(&body)
	for _, part := range from.File {
		if part.Name != "xl/worksheets/sheet1.xml" {
			err = errors.Join(err, to.Copy(part))
			continue
		}
		w, failed := to.Create(part.Name)
		if failed == nil {
			_, failed = w.Write(sheet)
		}
		err = errors.Join(err, failed)
	}
	if err = errors.Join(err, to.Close()); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}
