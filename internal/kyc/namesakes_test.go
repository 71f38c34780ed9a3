package kyc_test

import (
	"testing"

	"kindward/internal/kyc"
)

func TestMoreNamesakesThanAreLookedAtGoToReview(t *testing.T) {
	p := publish(t)
	p.read()
	for _, c := range []struct {
		from, to int
		want     kyc.Result
		says     string
	}{
		{101, 149, kyc.Pass, "On the list of exclusions 49 have the same name, and nothing else in common."},
		{150, 150, kyc.Review, "More people on the list of exclusions have this name than are looked at."},
		{151, 160, kyc.Review, "More people on the list of exclusions have this name than are looked at."},
	} {
		p.db.Admin(t, `insert into onboarding.exclusion (list_id, line, person, name, state, kind, excluded_on, waiver_state)
			select (select max(id) from onboarding.exclusion_list), n, $3, 'IDA WELLS', 'RI', '1128a1', '2020-02-20', ''
			from generate_series($1::int, $2::int) n`, c.from, c.to, kyc.PersonKey("IDA", "WELLS"))
		if got := p.says(kyc.Screened{Person: "Ida Wells"}); got.Result != c.want || got.Reason != c.says {
			t.Errorf("%d namesakes: %+v", c.to-100, got)
		}
	}
}
