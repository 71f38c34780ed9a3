package search

import (
	"testing"

	"kindward/internal/civil"
)

// Every way to wish for a day is read as that day, beside any service.
func TestEveryWayToWishForADayIsReadAsThatDay(t *testing.T) {
	ix := regionMarket(t)
	for wish, want := range map[string]struct {
		ahead civil.DayNumber // from today, a Monday
		days  int
		part  PartOfDay
	}{
		"today": {0, 1, AnyTime}, "tonight": {0, 1, Evening}, "this morning": {0, 1, Morning},
		"this afternoon": {0, 1, Afternoon}, "this evening": {0, 1, Evening}, "later today": {0, 1, AnyTime},
		"same day": {0, 1, AnyTime}, "today after 5 pm": {0, 1, Evening}, "hoy": {0, 1, AnyTime},
		"hoy por la tarde": {0, 1, Afternoon}, "esta noche": {0, 1, Evening}, "esta tarde": {0, 1, Afternoon},
		"tomorrow": {1, 1, AnyTime}, "tomorrow morning": {1, 1, Morning}, "tomorrow night": {1, 1, Evening},
		"tmrw": {1, 1, AnyTime}, "mañana": {1, 1, AnyTime}, "mañana por la mañana": {1, 1, Morning},
		"mañana por la noche": {1, 1, Evening}, "esta mañana": {0, 1, Morning},
		"day after tomorrow": {2, 1, AnyTime}, "pasado mañana": {2, 1, AnyTime},
		"wednesday": {2, 1, AnyTime}, "on friday afternoon": {4, 1, Afternoon}, "saturday": {5, 1, AnyTime},
		"saturdays": {5, 1, AnyTime}, "this weekend": {5, 2, AnyTime}, "weekends": {5, 2, AnyTime},
		"el fin de semana": {5, 2, AnyTime}, "sunday morning": {6, 1, Morning}, "el viernes": {4, 1, AnyTime},
		"next monday": {7, 1, AnyTime}, "next week": {7, 0, AnyTime}, "la proxima semana": {7, 0, AnyTime},
		"la semana que viene": {7, 0, AnyTime}, "december 3": {10, 1, AnyTime}, "on dec 3rd": {10, 1, AnyTime},
		"on the 3rd of december": {10, 1, AnyTime}, "el 3 de diciembre": {10, 1, AnyTime},
		"november 22": {364, 1, AnyTime}, // a year from yesterday
	} {
		for _, service := range []string{"blood test", "dermatologist", "flu shot", "physical therapy"} {
			for _, text := range []string{service + " " + wish, wish + " " + service} {
				got := ix.Hints(text, today)
				if got.Rest != service || got.From != today+want.ahead || got.Days != want.days || got.Time != want.part {
					t.Errorf("%q: %q, %d days ahead, %d days, %q", text, got.Rest, got.From-today, got.Days, got.Time)
				}
			}
		}
	}
	for _, text := range []string{"morning sickness", "night nurse"} {
		if got := ix.Hints(text, today); got.Days != 0 {
			t.Errorf("%q is no wish for a day: %+v", text, got)
		}
	}
}

// This week is what every search looks at.
func TestThisWeekNarrowsNothing(t *testing.T) {
	ix := regionMarket(t)
	for _, text := range []string{"blood test this week", "blood test esta semana"} {
		if got := ix.Hints(text, today); got.Rest != "blood test" || got.From != 0 || got.Days != 0 {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// A day beyond those that are known is not taken for another one without a word.
func TestADayThatIsTooFarAheadIsTold(t *testing.T) {
	ix := regionMarket(t)
	for query, told := range map[string]int{"flu+shot+march+5": 1, "flu+shot+december+3": 0} {
		if got := read(t, ix, "reason="+query); len(got.Problems) != told || !got.Ready {
			t.Errorf("%s: %v", query, got.Problems)
		}
	}
	if got := ix.Hints("flu shot february 31", today); got.Days != 0 {
		t.Errorf("no day of the calendar: %+v", got)
	}
}
