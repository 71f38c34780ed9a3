package importing

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kindward/internal/civil"
)

// date reads month, day and year, as people here write them, or year, month and day; months may have their names. A day
// in the place of the month is proposed in the other order, and a day as a spreadsheet counts it as the date.
func date(s string, _ *Known) reading {
	if n, err := strconv.Atoi(strings.TrimSuffix(s, ".0")); err == nil && n > 20_000 && n < 80_000 {
		day := civil.Date{Year: 1899, Month: 12, Day: 30}.AddDays(n)
		return reading{wrong: "is the number of a day, as spreadsheets count", proposal: DayNumber, fix: day.String()}
	}
	year, month, day, ok := dateParts(s)
	if !ok {
		return reading{wrong: "is no date like 12/31/2027"}
	}
	if d, err := civil.ParseDate(fmt.Sprintf("%04d-%02d-%02d", year, month, day)); err == nil {
		return reading{value: d.String()}
	}
	if d, err := civil.ParseDate(fmt.Sprintf("%04d-%02d-%02d", year, day, month)); err == nil {
		return reading{wrong: "has no such month", proposal: DateOrder, fix: d.String()}
	}
	return reading{wrong: "is no day of the calendar"}
}

// midnight is the time that programs write behind a day.
var midnight = regexp.MustCompile(`[ T]00:00(:00(\.0+)?)?Z?$`)

// dateParts takes a date apart.
func dateParts(s string) (year, month, day int, ok bool) {
	parts := strings.FieldsFunc(midnight.ReplaceAllString(s, ""), func(r rune) bool {
		return strings.ContainsRune("/-., ", r)
	})
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	var n [3]int
	named := -1
	for i, part := range parts {
		if m := monthNamed(part); m > 0 {
			n[i], named = m, i
			continue
		}
		var err error
		if n[i], err = strconv.Atoi(part); err != nil || n[i] < 0 {
			return 0, 0, 0, false
		}
	}
	year, month, day = n[2], n[0], n[1]
	switch {
	case len(parts[0]) == 4 && named != 0:
		year, month, day = n[0], n[1], n[2]
	case named == 1:
		month, day = n[1], n[0]
	case named == 2:
		return 0, 0, 0, false
	}
	if year < 100 {
		year += 2000
	}
	return year, month, day, true
}

// monthNamed is a month by its name or the first three letters of it; 0: it is none.
func monthNamed(word string) int {
	if len(word) < 3 {
		return 0
	}
	for m := time.January; m <= time.December; m++ {
		if n := m.String(); len(word) <= len(n) && strings.EqualFold(word, n[:len(word)]) {
			return int(m)
		}
	}
	return 0
}
