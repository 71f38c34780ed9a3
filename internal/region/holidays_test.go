package region

import (
	"testing"

	"kindward/internal/civil"
)

func TestHolidaysFallOnTheirDays(t *testing.T) {
	want := map[string]string{
		"2026-01-01": "New Year's Day", "2026-01-19": "Martin Luther King Jr. Day", "2026-02-16": "Presidents' Day",
		"2026-05-25": "Memorial Day",
		"2026-06-19": "Juneteenth", "2026-07-04": "Independence Day", "2026-08-10": "Victory Day", "2026-09-07": "Labor Day",
		"2026-10-12": "Indigenous Peoples' Day", "2026-11-11": "Veterans Day", "2026-11-26": "Thanksgiving",
		"2026-12-25": "Christmas Day",
	}
	for _, h := range holidays(2026) {
		if want[h.day.String()] != h.name {
			t.Errorf("%s on %s", h.name, h.day)
		}
		delete(want, h.day.String())
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	for year, day := range map[int]string{2023: "2023-11-23", 2024: "2024-11-28", 2027: "2027-11-25", 2028: "2028-11-23"} {
		if got := thanksgiving(year).String(); got != day {
			t.Errorf("Thanksgiving of %d is %s, want %s", year, got, day)
		}
	}
	for year, day := range map[int]string{2027: "2027-05-31", 2028: "2028-05-29", 2033: "2033-05-30"} {
		if got := holidays(year)[3].day.String(); got != day {
			t.Errorf("Memorial Day of %d is %s, want %s", year, got, day)
		}
	}
}

func TestHolidaysOfASpanReachOverTheNewYear(t *testing.T) {
	from, to := civil.Date{Year: 2026, Month: 12, Day: 20}, civil.Date{Year: 2027, Month: 1, Day: 18}
	var got []string
	for _, h := range holidaysBetween(from, to) {
		got = append(got, h.name)
	}
	if len(got) != 3 || got[0] != "Christmas Day" || got[1] != "New Year's Day" || got[2] != "Martin Luther King Jr. Day" {
		t.Error(got)
	}
}
