package onboarding

import (
	"cmp"

	"kindward/internal/civil"
	"kindward/internal/kyc"
)

// screened is whom the list of exclusions is asked about: the organization and who is responsible for it, under the
// fields that each kind has for them.
func (d *Definition) screened(answers map[string]string) kyc.Screened {
	s := kyc.Screened{NPIs: []string{}, Name: answers["name"], State: d.State,
		Person: cmp.Or(answers["director"], answers["administrator"])}
	for _, field := range []string{"npi", "director_npi"} {
		if answers[field] != "" {
			s.NPIs = append(s.NPIs, answers[field])
		}
	}
	// a date was read before it was kept
	s.Born, _ = civil.ParseDate(cmp.Or(answers["director_born"], answers["administrator_born"]))
	return s
}
