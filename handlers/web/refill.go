package web

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"
)

// refill puts what somebody had typed into the forms of a whole page that they are sent to. All pages have it from
// here: a form needs nothing for it. It costs nothing where nothing waits.
func (state *requestState) refill(c echo.Context, status int, page []byte) []byte {
	if status != http.StatusOK || !safe(c.Request().Method) || Partial(c) {
		return page
	}
	for _, path := range state.recallable(c) {
		name := typedDraft(state.signedIn(c), state.person(), path)
		if filled, found := refilled(page, path, Draft(c, name)); found {
			page = filled
			DropDraft(c, name)
		}
	}
	return page
}

// refilled is a page with values in the form that is sent to a path; found: there is such a form.
func refilled(page []byte, action string, values url.Values) (filled []byte, found bool) {
	out := bytes.NewBuffer(make([]byte, 0, len(page)+1024))
	z := html.NewTokenizer(bytes.NewReader(page))
	f, read := filler{values: values}, 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.Bytes(), found
		}
		raw := slices.Clone(z.Raw()) // what follows overwrites it
		read += len(raw)
		token := z.Token()
		if token.Data == "form" && kind == html.StartTagToken {
			to, err := url.Parse(attribute(token, "action"))
			f.inside = err == nil && to.Path == action && attribute(token, "method") == "post" &&
				meantFor(page[read:], values)
			found = found || f.inside
		} else if token.Data == "form" && kind == html.EndTagToken {
			f = filler{values: values}
		}
		if f.inside && f.change(&token) {
			raw = []byte(token.String())
		}
		if !f.skips(token) {
			out.Write(raw)
		}
		if f.text != "" {
			out.WriteString(html.EscapeString(f.text))
			f.text = ""
		}
	}
}

// passing are hidden fields that say how somebody came to a form, or are new with each page. All others name whom or
// what it is about.
var passing = regexp.MustCompile(`^(all|asked|form|id|next|offered|q|required|return|seen|sequence|state|version|was|week|where)$`)

// meantFor tells whether values were typed for what the hidden fields of the form that begins here name: forms that
// are sent to one address may be about different people.
func meantFor(form []byte, values url.Values) bool {
	for z := html.NewTokenizer(bytes.NewReader(form)); ; {
		kind, token := z.Next(), z.Token()
		if kind == html.ErrorToken || kind == html.EndTagToken && token.Data == "form" {
			return true
		}
		name, value := attribute(token, "name"), attribute(token, "value")
		hidden := token.Data == "input" && attribute(token, "type") == "hidden" && value != ""
		if hidden && !passing.MatchString(name) && !unkept.MatchString(name) && !slices.Contains(values[name], value) {
			return false
		}
	}
}

// filler goes through the elements of a form.
type filler struct {
	values   url.Values
	inside   bool
	list     string // the name of the select that is open
	textarea bool   // one is open whose own text is replaced
	text     string // to be written behind the element
}

// change gives an element what was typed into it, and tells whether it had to.
func (f *filler) change(t *html.Token) bool {
	name := attribute(*t, "name")
	typed, known := f.values[name]
	start := t.Type == html.StartTagToken || t.Type == html.SelfClosingTagToken
	switch {
	case t.Type == html.EndTagToken && t.Data == "select":
		f.list = ""
	case t.Type == html.EndTagToken && t.Data == "textarea":
		f.textarea = false
	case !start:
	case t.Data == "option" && f.list != "":
		return mark(t, "selected", slices.Contains(f.values[f.list], attribute(*t, "value")))
	case !known && name != "" && attribute(*t, "type") == "checkbox" && !unkept.MatchString(name):
		return mark(t, "checked", false) // a box without its mark is not sent
	case !known || len(typed) == 0:
	case t.Data == "select":
		f.list = name
	case t.Data == "textarea":
		f.textarea, f.text = true, "\n"+typed[0] // a first line break is the element's, not the text's
	case t.Data == "input":
		return f.input(t, typed)
	}
	return false
}

func (f *filler) input(t *html.Token, typed []string) bool {
	switch attribute(*t, "type") {
	case "checkbox", "radio":
		return mark(t, "checked", slices.Contains(typed, attribute(*t, "value")))
	case "hidden", "password", "file", "submit":
		return false
	}
	set(t, "value", typed[0])
	return true
}

// skips tells that a token is the text of a box that has another now.
func (f *filler) skips(t html.Token) bool { return f.textarea && t.Type == html.TextToken }

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func set(t *html.Token, name, value string) {
	t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool { return a.Key == name })
	t.Attr = append(t.Attr, html.Attribute{Key: name, Val: value})
}

// mark sets an attribute that has no value, or takes it away; it tells whether something is changed.
func mark(t *html.Token, name string, on bool) bool {
	had := slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == name })
	if had == on {
		return false
	}
	if !on {
		t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool { return a.Key == name })
		return true
	}
	set(t, name, "")
	return true
}
