package importing

import (
	"strings"
	"testing"
)

func TestA30WhatASpreadsheetDidToNumbersAndDaysIsSaidOrMended(t *testing.T) {
	known := &Known{AreaCode: "401", ZIPs: map[string]Town{"02906": {State: "RI"}}}
	for _, c := range []struct {
		read func(string, *Known) reading
		cell string
		want reading
	}{
		{npiNumber, "1234567893", reading{value: "1234567893"}}, {npiNumber, "1234567893.0", reading{value: "1234567893"}},
		{npiNumber, "1.234567893E+09", reading{value: "1234567893"}}, {npiNumber, "1.23E+09", reading{wrong: cutOff}},
		{npiNumber, "123456789", reading{wrong: "has ten digits, and this has 9"}},
		{phone, "4.015550142E9", reading{value: "401-555-0142"}}, {phone, "4.02E9", reading{wrong: cutOff}},
		{phone, "5550142", reading{wrong: "has no area code", proposal: AreaCode, fix: "401-555-0142"}},
		{zipCode, "2906", reading{wrong: "has lost a zero at its beginning", proposal: LostZeros, fix: "02906"}},
		{zipCode, "2906.0", reading{wrong: "has lost a zero at its beginning", proposal: LostZeros, fix: "02906"}},
		{zipCode, "02906-1234", reading{value: "02906"}}, {whole(1, 120), "18.0", reading{value: 18}},
		{date, "47118", reading{wrong: "is the number of a day, as spreadsheets count", proposal: DayNumber, fix: "2028-12-31"}},
		{date, "31-Dec-28", reading{value: "2028-12-31"}}, {date, "December 31, 2028", reading{value: "2028-12-31"}},
		{date, "2028-12-31T00:00:00Z", reading{value: "2028-12-31"}}, {date, "12/31/28", reading{value: "2028-12-31"}},
		{date, "31/12/2028", reading{wrong: "has no such month", proposal: DateOrder, fix: "2028-12-31"}},
		{date, "2/30/2028", reading{wrong: "is no day of the calendar"}},
		{date, "soon", reading{wrong: "is no date like 12/31/2027"}},
	} {
		if got := c.read(c.cell, known); got != c.want {
			t.Errorf("%s: %+v, not %+v", c.cell, got, c.want)
		}
	}
}

func TestA30ARowThatCannotBeTakenIsSaidByItselfAndTheOthersAreReady(t *testing.T) {
	kind, _ := Find("practitioners")
	c := &checker{kind: kind, fields: []string{"name", "specialty"}, known: &Known{}, lines: map[string]int{},
		read: map[string]reading{}}
	for cells, want := range map[string]string{"Ana|Dentist": Ready, "Ruiz|Ben|Dentist": Wrong, "#REF!|Dentist": Wrong,
		"=1+1|Dentist": Wrong, "Cleo|": Wrong, "|": Wrong} {
		if got := c.row(2, strings.Split(cells, "|"), false); got.State != want || (want == Wrong) != (got.Problem != "") {
			t.Errorf("%s: %+v", cells, got)
		}
	}
}
