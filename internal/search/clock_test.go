package search

import "testing"

func TestAmAndPmAreATimeOnlyBehindAnHourADayOrInThe(t *testing.T) {
	ix := regionMarket(t)
	for text, want := range map[string]struct {
		rest string
		part PartOfDay
	}{
		"flu shot 9 am": {"flu shot", Morning}, "flu shot at 9:30am": {"flu shot", Morning},
		"9 a.m. flu shot": {"flu shot", Morning}, "flu shot 12pm": {"flu shot", Afternoon},
		"flu shot 2:30 p.m.": {"flu shot", Afternoon}, "flu shot 5 PM": {"flu shot", Evening},
		"flu shot in the pm": {"flu shot", Afternoon}, "flu shot tomorrow am": {"flu shot", Morning},
		"am I pregnant": {"am I pregnant", AnyTime}, "I am 9 weeks pregnant": {"I am 9 weeks pregnant", AnyTime},
		"i am sick today": {"i am sick", AnyTime}, "today i am sick": {"i am sick", AnyTime},
		"tomorrow am flying": {"am flying", AnyTime}, "90 am": {"90 am", AnyTime}, "0 am": {"0 am", AnyTime},
	} {
		if got := ix.Hints(text, 20_000); got.Rest != want.rest || got.Time != want.part {
			t.Errorf("%q: %q %q, want %q %q", text, got.Rest, got.Time, want.rest, want.part)
		}
	}
}
