package search

import (
	"net/url"
	"testing"
)

func TestPlacesAndCliniciansAreFoundByNameAndByAPartOfIt(t *testing.T) {
	reasons, payers, listings := synthetic(t, 3, 400)
	for i := range 40 {
		l := &listings[i]
		l.Tenant, l.OrgName, l.Slug, l.LocationName = testID(9, 1), "Fox Point Family Clinic", "fox-point", "Fox Point"
		l.Practitioner, l.PractitionerID, l.Specialty = "Dr. Amal Haddad-Núñez", testID(9, 2), "Family doctor"
	}
	ix := Build(reasons, testZIPCodes, payers, listings)
	for text, want := range map[string]string{
		"Fox Point Family Clinic": "Fox Point Family Clinic", "fox point": "Fox Point", "foxpoint family": "",
		"Dr Haddad": "Dr. Amal Haddad-Núñez", "haddad nunez": "Dr. Amal Haddad-Núñez", "hadad": "Dr. Amal Haddad-Núñez",
		"doctor amal haddad near 02906": "Dr. Amal Haddad-Núñez", "hadda": "Dr. Amal Haddad-Núñez",
		"family doctor": "", "family clinic": "", "flu shot": "", "zzyzx": "",
	} {
		r := ix.Normalize(url.Values{"reason": {text}}, now)
		if want == "" && len(r.Names) > 0 || want != "" && (len(r.Names) == 0 || r.Names[0].Name != want || r.Ready) {
			t.Errorf("%q finds %v, want %q (ready %v)", text, r.Names, want, r.Ready)
		}
	}
	if got := ix.Names("fox po", 3, false); len(got) == 0 || got[0].Slug != "fox-point" {
		t.Errorf("while typing: %v", got)
	}
	next := ix.withListings(nil, ids(listings[0].ID))
	if got := next.Names("haddad", 3, true); len(got) != 1 {
		t.Errorf("after a change of listings: %v", got)
	}
}
