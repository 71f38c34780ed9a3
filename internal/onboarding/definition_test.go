package onboarding

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"kindward/internal/form"
)

func TestTheDefinitionsOfEveryKindInEveryStateAreSound(t *testing.T) {
	if err := Check(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range Kinds {
		for _, state := range States {
			d, err := Find(kind, state, Latest)
			if err != nil || len(d.Steps) < 5 || len(d.form.Keys()) < 15 {
				t.Errorf("%s in %s: %+v, %v", kind, state, d, err)
			}
		}
	}
	if _, err := Find("clinic", "NY", Latest); err != ErrNoDefinition {
		t.Errorf("of a state without a definition: %v", err)
	}
}

// asked are the licenses that somebody is asked for with some answers.
func asked(t *testing.T, kind, state string, answers ...string) string {
	t.Helper()
	d, err := Find(kind, state, Latest)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for i := 0; i < len(answers); i += 2 {
		given[answers[i]] = answers[i+1]
	}
	step, _ := d.Step("licenses")
	var keys []string
	for _, f := range d.Shown(step, given) {
		keys = append(keys, f.Key)
	}
	return strings.Join(keys, " ")
}

func Test31EachStateAsksWhatItsLawsAskAndNoMore(t *testing.T) {
	for _, c := range []struct {
		kind, state string
		answers     []string
		want        string
	}{
		{"clinic", "RI", []string{"practitioner_owned", "yes", "tests", "no"}, "director director_npi director_born practitioner_owned tests"},
		{"clinic", "RI", []string{"practitioner_owned", "no", "tests", "yes"}, "director director_npi director_born practitioner_owned tests clia license"},
		{"clinic", "MA", []string{"practitioner_owned", "yes", "named_clinic", "no", "tests", "no"}, "director director_npi director_born practitioner_owned tests named_clinic"},
		{"clinic", "MA", []string{"practitioner_owned", "yes", "named_clinic", "yes", "tests", "no"}, "director director_npi director_born practitioner_owned tests named_clinic license"},
		{"clinic", "CT", []string{"practitioner_owned", "no"}, "director director_npi director_born practitioner_owned tests license"},
		{"laboratory", "RI", []string{"certificate", "waiver", "stations", "yes"}, "clia certificate director director_npi director_born home_draws license stations station_licenses"},
		{"laboratory", "MA", []string{"certificate", "waiver"}, "clia certificate director director_npi director_born home_draws"},
		{"laboratory", "MA", []string{"certificate", "accreditation", "accreditor", "other"}, "clia certificate accreditor accreditor_name director director_npi director_born home_draws license"},
		{"laboratory", "CT", []string{"certificate", "waiver"}, "clia certificate director director_npi director_born home_draws license"},
		{"home_care", "RI", []string{"skilled", "no"}, "skilled administrator administrator_born license need records_checks"},
		{"home_care", "MA", []string{"skilled", "yes", "medicare", "yes"}, "skilled medicare ccn administrator administrator_born records_checks"},
		{"home_care", "CT", []string{"skilled", "no"}, "skilled administrator administrator_born registration bond records_checks"},
		{"home_care", "CT", []string{"skilled", "yes", "medicare", "no"}, "skilled medicare administrator administrator_born license records_checks"},
	} {
		if got := asked(t, c.kind, c.state, c.answers...); got != c.want {
			t.Errorf("%s in %s with %v asks\n%s, not\n%s", c.kind, c.state, c.answers, got, c.want)
		}
	}
}

func Test34AnAnswerToAQuestionThatIsNotAskedAnyMoreLeadsToNoOther(t *testing.T) {
	// "accreditor" is answered still, from when the certificate was another one
	got := asked(t, "laboratory", "RI", "certificate", "waiver", "accreditor", "other")
	if strings.Contains(got, "accreditor") {
		t.Errorf("asked: %s", got)
	}
}

// changed is the definitions with one text of one file replaced.
func changed(t *testing.T, file, old, with string) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(files, path)
		if strings.HasSuffix(path, "/"+file) {
			if !strings.Contains(string(raw), old) {
				t.Fatalf("%s has no %q", file, old)
			}
			raw = []byte(strings.Replace(string(raw), old, with, 1))
		}
		all[path] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestADefinitionThatCanNeverWorkIsRefused(t *testing.T) {
	for _, c := range []struct{ what, file, old, with, says string }{
		{"an unknown field", "clinic.RI.yaml", `tests == "yes"`, `tetst == "yes"`, "undeclared reference to 'tetst'"},
		{"a condition that is no yes or no", "clinic.RI.yaml", `tests == "yes"`, `tests`, "not yes or no"},
		{"a key that no field has", "clinic.yaml", "optional", "optoinal", "file not found"},
		{"never shown", "laboratory.yaml", `certificate == "accreditation"`, `certificate == "acreditation"`,
			"accreditor: it is never shown"},
		{"never shown by what its condition depends on", "laboratory.yaml", `accreditor == "other"`,
			`accreditor == "other" && certificate == "waiver"`, "never shown"},
		{"nothing to choose", "home_care.RI.yaml", "options: [{value: all", "options: [] # [{value: all",
			"never be answered"},
		{"a pattern that its example does not fit", "laboratory.RI.yaml", "LCI[0-9]{5}", "LCI[0-9]{6}", "never be answered"},
		{"waits for itself", "common.yaml", "after: [agreement]", "after: [review]", "does not come before it"},
		{"waits for what waits for it", "common.yaml", "key: location\n", "key: location\n    after: [agreement]\n",
			"does not come before it"},
		{"asks by what is asked later", "common.yaml", "{key: city,", `{key: city, when: more_locations == "yes",`, "asked later"},
		{"two of a name", "clinic.RI.yaml", "step: licenses\n    key: license",
			"step: location\n    key: director", "another field"},
		{"a step that is none", "clinic.RI.yaml", "step: licenses", "step: license", "no step"},
	} {
		if c.says == "file not found" {
			c.file, c.says = "common.yaml", "not found in type"
		}
		_, err := load(changed(t, c.file, c.old, c.with))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, not %q", c.what, err, c.says)
		}
	}
	if _, err := load(changed(t, "clinic.yaml", "kind: clinic", "kind: clinic")); err != nil {
		t.Errorf("control: unchanged they are refused: %v", err)
	}
}

func TestAnAnswerIsReadOrSaysWhatToType(t *testing.T) {
	d, err := Find("laboratory", "RI", Latest)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{ // field, typed, kept; or "!" and what is wrong
		{"clia", " 41d 2093377", "41D2093377"}, {"clia", "22D0650331", "!like 41D2093377"},
		{"npi", "1234567893", "1234567893"}, {"npi", "1234567890", "!10 digits"}, {"npi", "123-456-7893", "1234567893"},
		{"name", "", "!legal name"}, {"known_as", "", ""}, {"phone", "555", "!area code"},
		{"email", "office@example.org", "office@example.org"}, {"email", "office", "!email address"},
		{"zip", "02906", "02906"}, {"zip", "2906", "!ZIP code"}, {"locations", "3", "3"}, {"locations", "0", "!1 or more"},
		{"home_draws", "perhaps", "!Choose"}, {"certificate", "none", "!Choose"}, {"name", strings.Repeat("x", 201), "!200"},
	} {
		f, _ := d.Field(c[0])
		kept, wrong := f.Read(c[1])
		if why, refused := strings.CutPrefix(c[2], "!"); refused != (wrong != "") ||
			refused && !strings.Contains(wrong, why) || !refused && kept != c[2] {
			t.Errorf("%s: %q becomes %q, %q", c[0], c[1], kept, wrong)
		}
	}
}

func BenchmarkEveryRuleOfAForm(b *testing.B) {
	d, _ := Find("laboratory", "RI", Latest)
	step, _ := d.Step("licenses")
	answers := map[string]string{"certificate": "accreditation", "accreditor": "other", "stations": "yes"}
	for b.Loop() {
		d.Shown(step, answers)
	}
}

func TestALicenseIsLookedUpWhereverOneIsAskedFor(t *testing.T) {
	for _, kind := range Kinds {
		for _, state := range States {
			d, err := Find(kind, state, Latest)
			if err != nil {
				t.Fatal(err)
			}
			_, looked := d.Step("license")
			if asked := kind != "home_care" || state != "MA"; looked != asked { // where none is given
				t.Errorf("%s in %s: it is looked up: %t", kind, state, looked)
			}
		}
	}
}

func TestWhatARegisterIsAskedAboutFitsItsRowAndTellsAllAnswersApart(t *testing.T) {
	d, err := Find("laboratory", "RI", Latest)
	if err != nil {
		t.Fatal(err)
	}
	step, _ := d.Step("identity")
	long := strings.Repeat("x", form.LongestLine-1)
	seen := map[string]bool{}
	for _, answers := range []map[string]string{{"contact": long + "a"}, {"contact": long + "b"},
		{"contact": long + "a", "email": "a@example.org"}} {
		about := step.about(answers)
		if seen[about] || len(about) > 200 {
			t.Errorf("%d characters, twice: %t", len(about), seen[about])
		}
		seen[about] = true
	}
	if step.about(map[string]string{"email": "a@example.org"}) != "" {
		t.Error("it is asked about nobody")
	}
}

func ExampleDefinition_Shown() {
	d, _ := Find("home_care", "CT", Latest)
	step, _ := d.Step("licenses")
	for _, f := range d.Shown(step, map[string]string{"skilled": "no"}) {
		if slices.Contains([]string{"registration", "bond"}, f.Key) {
			fmt.Println(f.Label, "|", f.Source)
		}
	}
	// Output:
	// Homemaker-companion agency registration | Conn. Gen. Stat. 20-671
	// Surety bond or insurance, in whole dollars | Conn. Gen. Stat. 20-672
}
