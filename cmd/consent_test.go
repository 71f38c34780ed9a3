package cmd_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	aboutPeople = regexp.MustCompile(`(?i)\b(?:from|join|update)\s+(?:patient|home_address)\b`)
	asksConsent = regexp.MustCompile(`(?i)\b(?:from|join)\s+ended_consent\b`)
)

// withoutConsent are the statements about people on file that do not ask whether they have ended their consent, each
// with its reason.
var withoutConsent = map[string]string{
	"UpsertChart":        "their own booking, which shares anew",
	"UpdateContact":      "writes what ChartContact has asked for",
	"ChartID":            "their own, an id alone",
	"LockChart":          "their own, nothing is read",
	"AccountConsents":    "their own",
	"StandingConsent":    "their own",
	"AccountAddress":     "their own",
	"AppointmentPage":    "their own",
	"OwnVisitAddress":    "their own",
	"LeaseMessage":       "an email to themself",
	"TakeChartAddresses": "nothing is read",
	"RemovePatients":     "nothing is read",
	"OrganizationLog":    "what was done keeps whom it was done to",
	"FindCharts":         "asked by those who watch over the audit",
	"ChartsOf":           "asked by those who watch over the audit",
}

func TestEveryStatementAboutPeopleAsksWhetherTheyHaveEndedTheirConsent(t *testing.T) {
	needed, asked := map[string]bool{}, 0
	for _, s := range sources(t) {
		if !s.in("queries") || !strings.HasSuffix(s.path, ".sql") {
			continue
		}
		for _, q := range queriesOf(filepath.Base(s.path), s.text) {
			switch {
			case asksConsent.MatchString(q.sql):
				asked++
			case !aboutPeople.MatchString(q.sql):
			case withoutConsent[q.name] == "":
				t.Errorf("%s reads people and does not ask ended_consent, nor says here why", q.name)
			default:
				needed[q.name] = true
			}
		}
	}
	for name := range withoutConsent {
		if !needed[name] {
			t.Errorf("%s asks for the consent, or is gone: take it off the list", name)
		}
	}
	if asked < 7 {
		t.Errorf("control: %d statements ask", asked)
	}
}
