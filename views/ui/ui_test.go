package ui_test

import (
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"kindward/views/ui"
)

// tree is a rendered part, parsed as a browser would.
type tree struct {
	t    *testing.T
	root *html.Node
	text string // the markup itself
}

func render(t *testing.T, c templ.Component) tree {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return tree{t, root, b.String()}
}

// all finds the elements of a name that have each attribute given as "name" or "name=value".
func (x tree) all(name string, attrs ...string) []*html.Node {
	var found []*html.Node
	for n := range x.root.Descendants() {
		if n.Type == html.ElementNode && (name == "*" || n.Data == name) && has(n, attrs) {
			found = append(found, n)
		}
	}
	return found
}

// one is all for a part that must be there exactly once.
func (x tree) one(name string, attrs ...string) *html.Node {
	x.t.Helper()
	found := x.all(name, attrs...)
	if len(found) != 1 {
		x.t.Fatalf("%d of <%s> %v, want 1, in\n%s", len(found), name, attrs, x.text)
	}
	return found[0]
}

func has(n *html.Node, attrs []string) bool {
	for _, a := range attrs {
		name, value, exact := strings.Cut(a, "=")
		got, ok := attr(n, name)
		if !ok || exact && got != value {
			return false
		}
	}
	return true
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func value(n *html.Node, name string) string {
	v, _ := attr(n, name)
	return v
}

// words is the text of an element with blanks made single, as a screen reader has it.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

const hostile = `"><script>alert('x')</script> & Núñez`

func TestAFieldHasItsLabelHintErrorAndBoxInThisOrder(t *testing.T) {
	x := render(t, ui.Field{Name: "tel", Label: "Mobile number", Hint: "We text you once.",
		Error: "Enter your mobile number", Type: "tel", Autocomplete: "tel"})
	var order []string
	for n := range x.one("div").ChildNodes() {
		if n.Type == html.ElementNode {
			order = append(order, n.Data+"."+value(n, "class"))
		}
	}
	if got := strings.Join(order, " "); got != "label. span.hint span.error input.box" {
		t.Errorf("the order is %s", got)
	}
	box := x.one("input", "id=tel", "name=tel", "type=tel", "autocomplete=tel", "aria-invalid=true")
	if got := words(x.one("label", "for=tel")); got != "Mobile number" {
		t.Errorf("the label says %q", got)
	}
	var told []string
	for _, id := range strings.Fields(value(box, "aria-describedby")) {
		told = append(told, words(x.one("*", "id="+id)))
	}
	if got := strings.Join(told, " / "); got != "We text you once. / Error: Enter your mobile number" {
		t.Errorf("the box is described as %q", got)
	}
}

func TestAFieldWithoutHintAndErrorClaimsNone(t *testing.T) {
	x := render(t, ui.Field{Name: "name", Label: "Full name", Optional: true})
	box := x.one("input", "type=text", "name=name")
	for _, a := range []string{"aria-describedby", "aria-invalid", "value", "maxlength", "autocomplete"} {
		if v, ok := attr(box, a); ok {
			t.Errorf("%s is %q, want none", a, v)
		}
	}
	if got := words(x.one("label")); got != "Full name (optional)" {
		t.Errorf("the label says %q", got)
	}
}

func TestWhatWasTypedComesBackAndHarmsNobody(t *testing.T) {
	parts := map[string]templ.Component{
		"field":  ui.Field{Name: "a", Label: hostile, Hint: hostile, Error: hostile, Value: hostile},
		"area":   ui.Area{Name: "a", Label: hostile, Hint: hostile, Error: hostile, Value: hostile},
		"birth":  ui.DateOfBirth{Name: "a", Month: hostile, Day: hostile, Year: hostile, Error: hostile},
		"select": ui.Select{Name: "a", Label: "b", Value: hostile, Options: []ui.Option{{Value: hostile, Text: hostile}}},
		"choice": ui.Choice{Name: "a", Value: hostile, Label: hostile, Small: hostile},
		"bar":    ui.SearchBar{Reason: hostile, Near: hostile, Hidden: []ui.Hidden{{Name: "kind", Value: hostile}}},
		"result": ui.Result{Name: hostile, Line: hostile, Cost: hostile, Why: hostile,
			Days: []ui.Day{{Slots: []ui.Slot{{Value: hostile, Text: hostile, Label: hostile}}}}},
	}
	for name, part := range parts {
		x := render(t, part)
		if len(x.all("script")) > 0 {
			t.Errorf("%s: what was typed became markup", name)
		}
		kept := 0
		for n := range x.root.Descendants() {
			if n.Type == html.TextNode && strings.Contains(n.Data, hostile) || value(n, "value") == hostile {
				kept++
			}
		}
		if kept == 0 {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
}

func TestAPasswordIsNeverSentBack(t *testing.T) {
	const secret = "correct horse"
	if x := render(t, ui.Field{Name: "p", Label: "Password", Type: "password", Value: secret}); strings.Contains(x.text,
		secret) {
		t.Error("the password is in the page")
	}
	if x := render(t, ui.Field{Name: "p", Label: "Email address", Type: "email", Value: secret}); !strings.Contains(
		x.text, secret) {
		t.Error("the control: another field keeps its value")
	}
}

func TestAnAreaKeepsItsFirstLineBreak(t *testing.T) {
	for _, typed := range []string{"\nsecond line", "\n", "plain", ""} {
		x := render(t, ui.Area{Name: "notes", Label: "Notes", Value: typed})
		n, got := x.one("textarea"), ""
		if n.FirstChild != nil {
			got = n.FirstChild.Data
		}
		if got != typed {
			t.Errorf("typed %q, came back %q", typed, got)
		}
	}
}

func TestABirthdayIsThreeBoxesAndTheFirstCanBeLinkedTo(t *testing.T) {
	x := render(t, ui.DateOfBirth{Name: "dob", Month: "2", Day: "30", Year: "1988",
		Error: "Date of birth must be a real date"})
	x.one("input", "id=dob", "name=dob-month", "value=2", "autocomplete=bday-month", "inputmode=numeric")
	x.one("input", "name=dob-day", "value=30", "autocomplete=bday-day")
	x.one("input", "name=dob-year", "value=1988", "autocomplete=bday-year")
	if len(x.all("input")) != len(x.all("label")) {
		t.Error("a box has no label")
	}
	if got := words(x.one("legend")); got != "Date of birth" {
		t.Errorf("the question is %q", got)
	}
	for _, id := range strings.Fields(value(x.one("fieldset"), "aria-describedby")) {
		x.one("*", "id="+id)
	}
}

func TestASelectShowsWhatWasChosen(t *testing.T) {
	x := render(t, ui.Select{Name: "state", Label: "State", Value: "MA",
		Options: []ui.Option{{"RI", "Rhode Island"}, {"MA", "Massachusetts"}}})
	if got := words(x.one("option", "selected")); got != "Massachusetts" {
		t.Errorf("chosen is %q", got)
	}
}

func TestTheFirstChoiceOfAGroupCanBeLinkedTo(t *testing.T) {
	x := render(t, ui.ChoiceGroup{Name: "for", Legend: "For whom?", Error: "Say for whom",
		Choices: []ui.Choice{{Value: "me", Label: "Me"},
			{Value: "other", Label: "Someone else", Checked: true, Small: "We ask for the name."}}})
	x.one("input", "type=radio", "id=for", "name=for", "value=me")
	x.one("input", "type=radio", "name=for", "value=other", "checked")
	x.one("*", "id="+value(x.one("fieldset"), "aria-describedby"))
	many := render(t, ui.ChoiceGroup{Name: "kind", Legend: "Kind", Many: true,
		Choices: []ui.Choice{{Value: "lab", Label: "Lab", Counted: true, Count: 16}}})
	many.one("input", "type=checkbox", "name=kind")
	if got := words(many.one("label")); got != "Lab , 16 results" && got != "Lab, 16 places" {
		t.Errorf("the filter is read as %q", got)
	}
}

func TestTheErrorSummaryLinksToEachField(t *testing.T) {
	p := ui.Problems{{Field: "dob", Message: "Enter your date of birth"}, {Message: "The time is gone"}}
	x := render(t, p)
	x.one("div", "role=alert", "tabindex=-1", "class=problems")
	if got := words(x.one("a", "href=#dob")); got != "Enter your date of birth" {
		t.Errorf("the link says %q", got)
	}
	if len(x.all("li")) != 2 || len(x.all("a")) != 1 {
		t.Error("a problem without a field must be a line without a link")
	}
	if p.Of("dob") != "Enter your date of birth" || p.Of("name") != "" {
		t.Error("Of must give the message of its field, and only of that")
	}
	if none := render(t, ui.Problems(nil)); none.text != "" {
		t.Errorf("no problem renders %q", none.text)
	}
}
