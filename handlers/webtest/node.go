package webtest

import (
	"strings"

	"golang.org/x/net/html"
)

// Node is a page or a part of one.
type Node struct{ *html.Node }

// All lists the elements of a name, and of an attribute's value if one is given.
func (n Node) All(name string, attribute ...string) (out []Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name &&
			(len(attribute) < 2 || (Node{d}).Value(attribute[0]) == attribute[1]) {
			out = append(out, Node{d})
		}
	}
	return out
}

// Value is an attribute's, or "".
func (n Node) Value(attribute string) string {
	for _, a := range n.Attr {
		if a.Key == attribute {
			return a.Val
		}
	}
	return ""
}

// HasID tells whether an element has this id.
func (n Node) HasID(id string) bool {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (Node{d}).Value("id") == id {
			return true
		}
	}
	return false
}

// Text is what can be read, a space between two pieces.
func (n Node) Text() string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// H1 is the page's heading; "" unless it has exactly one.
func (n Node) H1() string {
	if all := n.All("h1"); len(all) == 1 {
		return all[0].Text()
	}
	return ""
}

// Title is what the tab says; "" unless there is exactly one.
func (n Node) Title() string {
	if all := n.All("title"); len(all) == 1 {
		return all[0].Text()
	}
	return ""
}

// Field is the value of a form's field, or "".
func (n Node) Field(name string) string {
	if all := n.All("input", "name", name); len(all) > 0 {
		return all[0].Value("value")
	}
	if all := n.All("textarea", "name", name); len(all) > 0 && all[0].FirstChild != nil {
		return all[0].FirstChild.Data
	}
	return ""
}

// Problems are the lines of the summary of what is wrong with a form, by the id of the field that each leads to.
func (n Node) Problems() map[string]string {
	out := map[string]string{}
	for _, summary := range n.All("div", "class", "problems") {
		for _, a := range summary.All("a") {
			out[strings.TrimPrefix(a.Value("href"), "#")] = a.Text()
		}
	}
	return out
}

// Starts are the free times that it offers.
func (n Node) Starts() (out []string) {
	for _, b := range n.All("button", "name", "start") {
		out = append(out, b.Value("value"))
	}
	return out
}
