package onboarding

import (
	"maps"
	"strings"
	"testing"
)

func Test31AnApplicationBeginsByAnNPIACLIANumberOrACCNThatFitsItsKindAndState(t *testing.T) {
	for _, c := range []struct {
		kind, state, typed string
		want               map[string]string
		wrong              string
	}{
		{"clinic", "RI", "123 456-7893", map[string]string{"npi": "1234567893"}, ""},
		{"clinic", "RI", "1234567890", nil, "10 digits, of which the last fits"},
		{"laboratory", "RI", "41d 2093377", map[string]string{"clia": "41D2093377"}, ""},
		{"clinic", "RI", "41D2093377", map[string]string{"clia": "41D2093377", "tests": "yes"}, ""},
		{"laboratory", "RI", "22D0650331", nil, "of a Rhode Island laboratory"},
		{"home_care", "RI", "41D2093377", nil, "begins the application of a laboratory"},
		{"home_care", "RI", "41-7004", map[string]string{"ccn": "417004", "skilled": "yes", "medicare": "yes"}, ""},
		{"home_care", "RI", "227004", nil, "CCN of a Rhode Island agency"},
		{"clinic", "CT", "417004", nil, "begins the application of a home-care agency"},
		{"clinic", "CT", "", nil, "Enter your organization's NPI"},
	} {
		d, err := Find(c.kind, c.state, Latest)
		if err != nil {
			t.Fatal(err)
		}
		got, wrong := d.ByNumber(c.typed)
		if !maps.Equal(got, c.want) || (wrong == "") != (c.wrong == "") || !strings.Contains(wrong, c.wrong) {
			t.Errorf("%s in %s by %q: %v, %q", c.kind, c.state, c.typed, got, wrong)
		}
		for key, value := range got { // what is begun with is asked, and shown
			if d.Applied(got)[key] != value {
				t.Errorf("%s in %s by %q: %s is not asked", c.kind, c.state, c.typed, key)
			}
		}
	}
}
