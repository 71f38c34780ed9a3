package bench

import (
	"strings"
	"testing"
)

func TestARunSaysWhatIsBetterAndWhatIsWorseThanTheLastTable(t *testing.T) {
	last := Report{Figures: []Figure{{What: "rate", Unit: "/s", Value: 100},
		{What: "cost", Unit: "us", Value: 50, Less: true}, {What: "noisy", Unit: "/s", Value: 100, Spread: 0.2},
		{What: "hits", Unit: "%"}, {What: "other", Unit: "ms", Value: 1}}}
	for _, c := range []struct {
		f    Figure
		want string
	}{
		{Figure{What: "rate", Unit: "/s", Value: 120}, "better by 20 %, was 100"},
		{Figure{What: "rate", Unit: "/s", Value: 80}, "worse by 20 %, was 100"},
		{Figure{What: "rate", Unit: "/s", Value: 102}, "same, was 100"},
		{Figure{What: "rate", Unit: "/s", Value: 120, Spread: 0.22}, "same, was 100"},
		{Figure{What: "cost", Unit: "us", Value: 40, Less: true}, "better by 20 %, was 50"},
		{Figure{What: "cost", Unit: "us", Value: 60, Less: true}, "worse by 20 %, was 50"},
		{Figure{What: "noisy", Unit: "/s", Value: 115}, "same, was 100"},
		{Figure{What: "hits", Unit: "%", Value: 60}, "better, was 0"},
		{Figure{What: "hits", Unit: "%"}, "same"},
		{Figure{What: "other", Unit: "us", Value: 1}, "new"},
		{Figure{What: "first", Unit: "us", Value: 1}, "new"},
	} {
		r := Report{Figures: []Figure{c.f}}
		if r.CompareWith(last); r.Figures[0].Change != c.want {
			t.Errorf("%s at %v is %q, want %q", c.f.What, c.f.Value, r.Figures[0].Change, c.want)
		}
	}
}

func TestTheLastTableCanBeReadAndPrinted(t *testing.T) {
	last, err := Last()
	if err != nil || len(last.Figures) == 0 {
		t.Fatalf("%d figures: %v", len(last.Figures), err)
	}
	last.CompareWith(last)
	var b strings.Builder
	if err := last.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, f := range last.Figures {
		if !strings.HasPrefix(f.Change, "same") || !strings.Contains(b.String(), "| "+f.What) {
			t.Errorf("%s is %q against itself, or not in the table", f.What, f.Change)
		}
	}
}
