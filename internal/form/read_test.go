package form

import "testing"

func TestAnswersAreReadAsPeopleTypeThemAndWhatDoesNotFitIsKept(t *testing.T) {
	for _, c := range []struct {
		of          Type
		typed, kept string
		right       bool
	}{
		{NPI, "1234-567-893", "1234567893", true},
		{NPI, "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff13", "1234567893", true},
		{NPI, "ask Maya", "ask Maya", false},
		{ZIP, "02906-0001", "02906", true},
		{ZIP, "029060001", "02906", true},
		{ZIP, "2906", "2906", false},
		{Number, "\uff11\uff12", "12", true},
		{Number, "a dozen", "a dozen", false},
		{Phone, "1 (401) 555-0142", "1 (401) 555-0142", true},
		{Phone, "(401) 555-0142 ext. 300", "(401) 555-0142 ext. 300", false},
	} {
		f := &Field{Key: "f", Label: "F", Type: c.of}
		if kept, wrong := f.Read(c.typed); kept != c.kept || (wrong == "") != c.right {
			t.Errorf("%s %q is %q, %q", c.of, c.typed, kept, wrong)
		}
	}
	long := &Field{Key: "f", Label: "F", Type: Text}
	letters := make([]rune, LongestLine)
	for i := range letters {
		letters[i] = 'é'
	}
	if _, wrong := long.Read(string(letters)); wrong != "" {
		t.Errorf("%d letters: %s", LongestLine, wrong)
	}
	if _, wrong := long.Read(string(letters) + "e"); wrong == "" {
		t.Error("control: one more")
	}
}

func TestWhatIsMissingIsAskedForByItsLabel(t *testing.T) {
	for label, said := range map[string]string{
		"Work email address":                    "Enter the work email address",
		"ZIP code":                              "Enter the ZIP code",
		"Rhode Island facility license":         "Enter the Rhode Island facility license",
		"Your full name":                        "Enter your full name",
		"A number to call":                      "Enter a number to call",
		"Who we can ask":                        "Answer this: Who we can ask",
		"How many people visit patients?":       "Answer this: How many people visit patients?",
		"Éducation":                             "Enter the éducation",
		"CMS certification number (CCN)":        "Enter the CMS certification number (CCN)",
		"Massachusetts clinic license":          "Enter the Massachusetts clinic license",
		"Surety bond, in whole dollars":         "Enter the surety bond, in whole dollars",
		"Medical director's National Provider":  "Enter the medical director's National Provider",
		"Connecticut clinical lab license":      "Enter the Connecticut clinical lab license",
		"Which day is best, if you have a wish": "Answer this: Which day is best, if you have a wish",
	} {
		if _, wrong := (&Field{Key: "f", Label: label, Type: Text}).Read(" "); wrong != said {
			t.Errorf("%s: %q", label, wrong)
		}
	}
}

func TestADayIsWrittenAsThePagesWriteDays(t *testing.T) {
	f := &Field{Key: "f", Label: "F", Type: Date}
	for value, words := range map[string]string{"2025-06-30": "30 June 2025", "soon": "soon", "": "Not answered"} {
		if got := f.Words(value); got != words {
			t.Errorf("%q is %q", value, got)
		}
	}
}
