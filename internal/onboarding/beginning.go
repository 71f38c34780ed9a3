package onboarding

import (
	"regexp"
	"strings"

	"kindward/internal/npi"
)

var (
	cliaNumber = regexp.MustCompile(`^[0-9]{2}D[0-9]{7}$`)
	ccnNumber  = regexp.MustCompile(`^[0-9]{2}[0-9A-Z][0-9]{3}$`)
)

// ByNumber are the answers with which an application begins by a number of the organization: its NPI, its CLIA number
// or its CCN. wrong says, for who typed it, why it begins nothing.
func (d *Definition) ByNumber(typed string) (answers map[string]string, wrong string) {
	number := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	switch {
	case npi.Valid(number):
		return map[string]string{"npi": number}, ""
	case cliaNumber.MatchString(number):
		return d.by(number, map[string]string{"clia": number, "tests": "yes"}, "clia",
			"A CLIA number begins the application of a laboratory or a clinic")
	case ccnNumber.MatchString(number):
		return d.by(number, map[string]string{"ccn": number, "skilled": "yes", "medicare": "yes"}, "ccn",
			"A CCN begins the application of a home-care agency")
	}
	return nil, "Enter your organization's NPI (10 digits, of which the last fits the others), its CLIA number, like " +
		"41D2093377, or its CCN, like 417004"
}

// by begins with the answer to a field, and with what lets that field be asked.
func (d *Definition) by(number string, with map[string]string, key, otherwise string) (map[string]string, string) {
	f, ok := d.Field(key)
	if !ok {
		return nil, otherwise
	}
	if _, wrong := f.Read(number); wrong != "" {
		return nil, wrong
	}
	answers := map[string]string{}
	for key, value := range with {
		if _, asked := d.Field(key); asked {
			answers[key] = value
		}
	}
	return answers, ""
}
