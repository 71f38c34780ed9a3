package onboarding

import (
	"slices"
	"strings"
	"testing"
)

func Test33AnAnswerThatCannotBeTrueIsRefusedBesideTheOthers(t *testing.T) {
	for _, c := range []struct{ kind, state, step, field, typed, wrong string }{
		{"clinic", "RI", "location", "zip", "10001", "10001 is not in Rhode Island"},
		{"clinic", "RI", "location", "zip", "02760", "not in Rhode Island"},
		{"clinic", "RI", "location", "zip", "02860-1234", ""},
		{"clinic", "RI", "location", "zip", "2906", "Enter a ZIP code"},
		{"laboratory", "MA", "location", "zip", "02906", "02906 is not in Massachusetts"},
		{"laboratory", "MA", "location", "zip", "01002", ""},
		{"laboratory", "MA", "location", "zip", "05501", ""},
		{"home_care", "CT", "location", "zip", "06390", "06390 is not in Connecticut"},
		{"home_care", "CT", "location", "zip", "06902", ""},
		{"home_care", "CT", "area", "area_zips", "10001 02906", ""}, // who visits goes over borders
		{"clinic", "RI", "location", "locations", "1", "this one included"},
		{"clinic", "RI", "location", "locations", "2", ""},
		{"clinic", "RI", "organization", "phone", "(401) 555-0142 x3", "leave the extension out"},
		{"clinic", "RI", "organization", "phone", "401-555-0142", ""},
		{"clinic", "RI", "licenses", "director_born", "2020-06-30", "18 or older"},
		{"clinic", "RI", "licenses", "director_born", "2008-03-02", ""},
		{"clinic", "RI", "licenses", "director_born", "2008-03-03", "18 or older"},
		{"home_care", "MA", "licenses", "administrator_born", "1875-01-01", "more than 110 years"},
		{"home_care", "MA", "licenses", "administrator_born", "1915-03-03", ""},
		{"clinic", "RI", "licenses", "director_npi", "123 456 7893", "1234567893 is the NPI of the organization"},
		{"clinic", "RI", "licenses", "director_npi", "1245319599", ""},
		{"clinic", "RI", "licenses", "license", "?", "as it stands on the license"},
		{"clinic", "RI", "licenses", "license", "none", "as it stands on the license"},
		{"clinic", "RI", "licenses", "license", "A-7", ""},
		{"home_care", "CT", "licenses", "registration", "12", "as it stands on the license"},
		{"clinic", "RI", "agreement", "signer", "Maya", "first and your last name"},
		{"clinic", "RI", "agreement", "signer", "x y", "first and your last name"},
		{"clinic", "RI", "agreement", "signer", "Zoë D’Arc-Ruiz", ""},
	} {
		s := begin(t, c.kind, c.state)
		step, _ := s.d.Step(c.step)
		answers := s.answers(c.step, "practitioner_owned", "no", "skilled", "no", c.field, c.typed)
		answers["npi"] = number
		got := s.d.Read(step, answers, start).Wrong
		said := got[c.field]
		delete(got, c.field)
		if len(got) > 0 || (said == "") != (c.wrong == "") || !strings.Contains(said, c.wrong) {
			t.Errorf("%s in %s, %s %q: %q, %v", c.kind, c.state, c.field, c.typed, said, got)
		}
	}
}

func Test33WhatAnotherAnswerMadeImpossibleIsToBeAnsweredAgain(t *testing.T) {
	s := begin(t, "clinic", "RI")
	s.answer("organization")
	s.answer("licenses", "director_npi", "1245319599")
	if s.at("licenses") != StepDone {
		t.Fatalf("answered, it is %s", s.at("licenses"))
	}
	s.answer("organization", "npi", "1245319599")
	if s.at("licenses") != StepOpen {
		t.Errorf("the director has the number of the organization, and it is %s", s.at("licenses"))
	}
	s.answer("organization", "npi", number)
	if s.at("licenses") != StepDone {
		t.Errorf("as before, it is %s", s.at("licenses"))
	}
}

// Control: the log of an application of before amounts to what it amounted to.
func TestApplicationsOfVersionsBeforeKeepTheirRules(t *testing.T) {
	for version, refused := range map[int]bool{5: false, Latest: true} {
		d, err := Find("clinic", "RI", version)
		if err != nil {
			t.Fatal(err)
		}
		step, _ := d.Step("location")
		r := d.Read(step, map[string]string{"street": "1 Main", "city": "X", "zip": "10001", "more_locations": "no"}, start)
		if (len(r.Wrong) > 0) != refused {
			t.Errorf("version %d: %v", version, r.Wrong)
		}
	}
}

func TestEachRuleAcrossAnswersIsAboutFieldsThatSomebodyIsAsked(t *testing.T) {
	var file refusalsFile
	if err := decode(files, newest(files, Latest, "refusals.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, kind := range Kinds {
		for _, state := range States {
			d, err := Find(kind, state, Latest)
			if err != nil {
				t.Fatal(err)
			}
			asked = append(asked, d.form.Keys()...)
		}
	}
	for _, r := range file.Refuse {
		for _, field := range r.Fields {
			if !slices.Contains(asked, field) {
				t.Errorf("nobody is asked for %q", field)
			}
		}
	}
	if len(file.Refuse) < 8 {
		t.Errorf("%d rules were found", len(file.Refuse))
	}
}
