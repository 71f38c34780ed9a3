package importing

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kindward/internal/search"
)

// rowOf is a workbook of one row of so many numbers that are shown by a format.
func rowOf(t *testing.T, values int, format string) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	shown, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	numbers := make([]any, values)
	for i := range numbers {
		numbers[i] = 46_000
	}
	var body bytes.Buffer
	err = errors.Join(err, book.SetSheetRow("Sheet1", "A1", &numbers), book.SetCellStyle("Sheet1", "A1", "B1", shown),
		book.Write(&body))
	if err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

// A few kilobytes kept a core busy for minutes: each cell is shown by its format, and a workbook keeps once what many
// cells say.
func TestA29WhatTakesLongToReadIsRefused(t *testing.T) {
	long := strings.Repeat("yyyy ", maxFormat/5)
	no := func(int, []string) error { return nil }
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a long format": {readXLSX(rowOf(t, 2, long+"y"), firstSheet, no), "cannot be read"},
		"a wide row":    {readXLSX(rowOf(t, maxValues+1, "0"), firstSheet, no), "cannot be read"},
		"no time left":  {readXLSXUntil(time.Now().Add(-time.Second), rowOf(t, 2, "0"), firstSheet, no), "takes too long"},
		"too much text": {(&reader{text: MaxText - 2}).row(1, []string{"Ana"}), "more text in the file than 16 MB"},
		"a long line":   {readText([]byte("a,b\n"+strings.Repeat(",", longestLine+1)), no), "Line 2 has more cells"},
		"control, as long and as wide as may be": {errors.Join(readXLSX(rowOf(t, maxValues, long), firstSheet, no),
			readText([]byte("a,b\n"+strings.Repeat(",", longestLine)), no)), ""},
	} {
		got := fmt.Sprint(c.err)
		if c.want == "" && c.err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

func TestA29WhatIsComparedWithManyWordsHasFewItself(t *testing.T) {
	codes := search.LanguageCodes()
	cell := strings.Repeat(codes[len(codes)-1]+",", mostLanguages)
	if r := languages(cell, &Known{}); r.wrong != "" {
		t.Errorf("%d languages: %s", mostLanguages, r.wrong)
	}
	if r := languages(cell+codes[0], &Known{}); !strings.Contains(r.wrong, "more than 40 languages") {
		t.Errorf("one more: %+v", r)
	}
}
