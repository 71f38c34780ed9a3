package styleguide_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kindward/views/layout"
	"kindward/views/styleguide"
)

// The style guide shows every part, so the rules for all markup are checked on it.
func guide(t *testing.T) (*html.Node, string) {
	t.Helper()
	var b strings.Builder
	if err := styleguide.Styleguide(layout.Page{Account: "Maya Okafor"}).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return root, b.String()
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

func elements(root *html.Node) []*html.Node {
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func TestNothingInTheMarkupNeedsALaxPolicy(t *testing.T) {
	root, _ := guide(t)
	for _, n := range elements(root) {
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || a.Key == "hx-boost" {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if a.Key == "hx-trigger" && strings.Contains(a.Val, "[") {
				t.Errorf("a trigger filter needs eval: %s", a.Val)
			}
		}
		if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
			t.Errorf("inline <%s>", n.Data)
		}
		if value(n, "hx-get") != "" && value(n, "hx-target") == "" {
			t.Errorf("<%s hx-get=%q> does not say where the answer goes", n.Data, value(n, "hx-get"))
		}
	}
}

func TestEveryNameOnThePageIsThere(t *testing.T) {
	root, _ := guide(t)
	ids := map[string]*html.Node{}
	for _, n := range elements(root) {
		if id, ok := attr(n, "id"); ok {
			if ids[id] != nil || id == "" {
				t.Errorf("the id %q is used twice", id)
			}
			ids[id] = n
		}
	}
	for _, n := range elements(root) {
		var names []string
		for _, a := range []string{"for", "aria-describedby", "form"} {
			names = append(names, strings.Fields(value(n, a))...)
		}
		for _, a := range []string{"href", "hx-target"} {
			if id, ok := strings.CutPrefix(value(n, a), "#"); ok {
				names = append(names, id)
			}
		}
		for _, id := range names {
			if ids[id] == nil {
				t.Errorf("<%s> points to %q, which is not on the page", n.Data, id)
			}
		}
	}
}

// shownByScripts tells that an element is in a part that is hidden until a script shows it.
func shownByScripts(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" }) {
			return true
		}
	}
	return false
}

func TestEveryBoxHasALabelAndEveryButtonAKind(t *testing.T) {
	root, _ := guide(t)
	labels := map[string]bool{}
	for _, n := range elements(root) {
		if n.Data == "label" {
			labels[value(n, "for")] = true
		}
	}
	boxes, headings := 0, 0
	for _, n := range elements(root) {
		switch n.Data {
		case "h1":
			headings++
		case "button":
			if value(n, "type") != "submit" && !shownByScripts(n) {
				t.Errorf("a button of type %q", value(n, "type"))
			}
		case "input", "select", "textarea":
			if value(n, "type") == "hidden" {
				continue
			}
			boxes++
			if value(n, "name") == "" || !labels[value(n, "id")] && n.Parent.Data != "label" {
				t.Errorf("<%s name=%q id=%q> has no label", n.Data, value(n, "name"), value(n, "id"))
			}
		}
	}
	if headings != 1 || boxes < 20 {
		t.Errorf("%d h1 and %d boxes on the page", headings, boxes)
	}
}

func TestEveryPictureIsInTheSprite(t *testing.T) {
	sprite, err := os.ReadFile("../../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	root, _ := guide(t)
	seen := 0
	for _, n := range elements(root) {
		if n.Data != "use" {
			continue
		}
		seen++
		_, name, _ := strings.Cut(value(n, "href"), "#")
		if !strings.Contains(string(sprite), `<symbol id="`+name+`"`) {
			t.Errorf("there is no picture %q", name)
		}
		if value(n.Parent, "aria-hidden") != "true" {
			t.Errorf("the picture %q would be read aloud", name)
		}
	}
	if seen < 20 {
		t.Errorf("%d pictures found", seen)
	}
}

func TestNoWordSticksToTheNext(t *testing.T) {
	_, text := guide(t)
	for _, stuck := range []string{"Referencer", "Reference<", ">free<", ">places<", "out:<", "Error:<"} {
		if strings.Contains(text, stuck) {
			t.Errorf("%q: a blank is missing", stuck)
		}
	}
}
