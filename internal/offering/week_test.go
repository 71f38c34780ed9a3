package offering_test

import (
	"slices"
	"testing"

	"kindward/internal/offering"
	"kindward/queries/tenantdb"
)

func TestAWeekIsSaidOnceForDaysWithTheSameHours(t *testing.T) {
	open := func(from, to int16, days ...int16) (rules []tenantdb.ScheduleRulesRow) {
		for _, d := range days {
			rules = append(rules, tenantdb.ScheduleRulesRow{Weekday: d, Kind: "open", FromMinute: from * 60,
				ToMinute: to * 60})
		}
		return rules
	}
	for name, c := range map[string]struct {
		rules []tenantdb.ScheduleRulesRow
		want  []string
	}{
		"nothing":     {},
		"every day":   {open(9, 17, 0, 1, 2, 3, 4, 5, 6), []string{"Every day 9 am to 5 pm"}},
		"work days":   {open(9, 17, 1, 2, 3, 4, 5), []string{"Monday to Friday 9 am to 5 pm"}},
		"the weekend": {open(9, 12, 0, 6), []string{"Saturday and Sunday 9 am to noon"}},
		"two apart":   {open(9, 12, 1, 3), []string{"Monday 9 am to noon", "Wednesday 9 am to noon"}},
		"a pause": {slices.Concat(open(9, 12, 1, 2), open(13, 17, 1, 2)),
			[]string{"Monday and Tuesday 9 am to noon and 1 pm to 5 pm"}},
		"a short Friday": {slices.Concat(open(9, 17, 1, 2, 3, 4), open(9, 12, 5)),
			[]string{"Monday to Thursday 9 am to 5 pm", "Friday 9 am to noon"}},
		"a break": {append(open(9, 17, 1), tenantdb.ScheduleRulesRow{Weekday: 1, Kind: "break", FromMinute: 720,
			ToMinute: 780}),
			[]string{"Monday 9 am to noon and 1 pm to 5 pm"}},
	} {
		if got := offering.Week(c.rules); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}
