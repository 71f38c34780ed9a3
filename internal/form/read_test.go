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
