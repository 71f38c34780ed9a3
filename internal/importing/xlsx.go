package importing

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// What a workbook may be, once it is unpacked.
const (
	maxUnpacked = 48 << 20                 // bytes, together
	maxWhole    = 4 << 20                  // of a part that the library reads as a whole: all but sheets and texts
	maxCells    = 2 * MaxRows * MaxColumns // a row counts as ten cells more
	maxParts    = 400
	maxRatio    = 200 // unpacked to packed
	spillAt     = 2 << 20
	maxValues   = 500              // of a row: it is read as a whole
	maxFormat   = 255              // characters of how a number is shown, as Excel allows
	longest     = 15 * time.Second // to show a day as people see it takes the library up to some milliseconds
)

var errBroken = unreadable("The workbook cannot be read. Open it in Excel, save it anew and choose it again.")

// openXLSX opens a workbook. Parts that are larger than spillAt lie in temporary files until it is closed.
func openXLSX(body []byte) (*excelize.File, error) {
	if err := checkZip(body); err != nil {
		return nil, err
	}
	if !wellFormed(body) {
		return nil, errBroken
	}
	book, err := excelize.OpenReader(bytes.NewReader(body),
		excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: spillAt})
	if err != nil {
		return nil, errBroken
	}
	return book, nil
}

// surprised gives errBroken where the library panics, of a workbook that it does not expect.
func surprised(err *error) {
	if recover() != nil {
		*err = errBroken
	}
}

func shownSheets(book *excelize.File) (names []string) {
	for _, sheet := range book.GetSheetList() {
		if seen, err := book.GetSheetVisible(sheet); err == nil && seen {
			names = append(names, sheet)
		}
	}
	return names
}

// blamed says of an error of the library that the workbook is broken.
func blamed(err error) error {
	if _, ours := errors.AsType[*UnreadableError](err); !ours && errors.Is(err, errSheet) {
		return errBroken
	}
	return err
}

var errEnough = errors.New("importing: seen enough")

// filledSheets are the names of the sheets that are not hidden and have something in them.
func filledSheets(book *excelize.File, end time.Time) (names []string, err error) {
	for _, sheet := range shownSheets(book) {
		some, err := readSheet(book, sheet, end, func(int, []string) error { return errEnough })
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
		if some {
			names = append(names, sheet)
		}
	}
	return names, nil
}

// choice chooses the sheet to read, of those that have something in them.
type choice func(sheets []string) (string, error)

// readXLSX reads a sheet row by row.
func readXLSX(body []byte, choose choice, row func(int, []string) error) error {
	return readXLSXUntil(time.Now().Add(longest), body, choose, row)
}

func readXLSXUntil(end time.Time, body []byte, choose choice, row func(int, []string) error) (err error) {
	defer surprised(&err)
	book, err := openXLSX(body)
	if err != nil {
		return err
	}
	defer book.Close()
	names, err := filledSheets(book, end)
	if err != nil || len(names) == 0 {
		return blamed(err)
	}
	name, err := choose(names)
	if err == nil {
		_, err = readSheet(book, name, end, row)
	}
	return blamed(err)
}

// wellFormed tells whether all sheets can be read to their ends: the library ends without a word where one cannot. It
// also tells what takes the library long, in any part: a row of many values, a number that is shown in a long way.
func wellFormed(body []byte) bool {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return false
	}
	for _, f := range z.File {
		part, err := f.Open()
		if err != nil {
			return false
		}
		cheap, err := lookAt(io.LimitReader(part, maxUnpacked))
		sheet, _ := path.Match("xl/worksheets/*.xml", f.Name)
		if err := errors.Join(err, part.Close()); !cheap || sheet && err != nil {
			return false
		}
	}
	return true
}

func lookAt(part io.Reader) (cheap bool, err error) {
	tokens, values := xml.NewDecoder(part), 0
	for {
		token, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return true, err
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch element.Name.Local {
		case "row":
			values = 0
		case "v", "is":
			values++
		}
		if values > maxValues || slices.ContainsFunc(element.Attr, tooLongFormat) {
			return false, nil
		}
	}
}

func tooLongFormat(a xml.Attr) bool {
	return a.Name.Local == "formatCode" && utf8.RuneCountInString(a.Value) > maxFormat
}

// errSheet is an error of the library and not of whoever takes the rows.
var errSheet = errors.New("importing: the sheet cannot be read")

func readSheet(book *excelize.File, sheet string, end time.Time, row func(int, []string) error) (some bool, err error) {
	rows, err := book.Rows(sheet)
	if err != nil {
		return false, nil //nolint:nilerr // a sheet of pictures
	}
	defer rows.Close()
	for line, all := 1, 0; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return some, errSheet
		}
		if time.Now().After(end) {
			return some, unreadable("The workbook takes too long to read. Save the sheet as CSV and choose that.")
		}
		if all += len(cells) + 10; all > maxCells {
			return some, unreadable("The sheet has too many empty cells. Copy what is in it to a new one and save that.")
		}
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		some = true
		if err := row(line, cells); err != nil {
			return true, err
		}
	}
	if rows.Error() != nil {
		return some, errSheet
	}
	return some, nil
}

// checkZip looks at what a workbook says of itself, before any of it is unpacked. What lies is stopped while it is.
func checkZip(body []byte) error {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return unreadable("The file is cut off or broken. Save it anew and choose it again.")
	}
	if len(z.File) > maxParts {
		return unreadable("The file has %d parts, and no workbook has. Save the sheet as CSV and choose that.", len(z.File))
	}
	var all uint64
	book := false
	for _, f := range z.File {
		book = book || f.Name == "xl/workbook.xml"
		all += f.UncompressedSize64
		name := strings.ToLower(f.Name)
		whole := !strings.HasPrefix(name, "xl/worksheets/sheet") && name != "xl/sharedstrings.xml"
		large := whole && f.UncompressedSize64 > maxWhole ||
			f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/max(f.CompressedSize64, 1) > maxRatio
		if all > maxUnpacked || f.UncompressedSize64 > maxUnpacked || large {
			return unreadable("The workbook is too large once it is unpacked. Save the sheet as CSV and choose that.")
		}
	}
	if !book {
		return unreadable("This is a compressed file and no Excel workbook. Save the sheet as CSV or .xlsx and choose that.")
	}
	return nil
}
