package webtest

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Answer is what came back.
type Answer struct {
	Node     // the parsed document; nothing is in it when the answer is no HTML
	Request  string
	Status   int
	Location string
	Header   http.Header
	Body     string
	Length   int64 // as it was announced

	t   testing.TB
	res *http.Response
}

func newAnswer(t testing.TB, res *http.Response, body string) Answer {
	t.Helper()
	a := Answer{t: t, res: res, Request: res.Request.Method + " " + res.Request.URL.RequestURI(), Status: res.StatusCode,
		Length:   res.ContentLength,
		Location: res.Header.Get("Location"), Header: res.Header, Body: body, Node: Node{&html.Node{Type: html.DocumentNode}}}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		a.Node = Parse(t, body)
	}
	return a
}

// Parse reads a page.
func Parse(t testing.TB, body string) Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return Node{root}
}

// Cookies are those that the answer sets.
func (a Answer) Cookies() []*http.Cookie { return a.res.Cookies() }

// Has checks the status, and that each of the words is in the answer or in where it leads.
func (a Answer) Has(status int, words ...string) {
	a.t.Helper()
	if a.Status != status {
		a.t.Errorf("%s is %d, not %d: %s%.600s", a.Request, a.Status, status, a.Location, a.main())
	}
	for _, w := range words {
		if !strings.Contains(a.Body, w) && !strings.Contains(a.Location, w) {
			a.t.Errorf("%s has no %q in it:\n%s%s", a.Request, w, a.Location, a.main())
		}
	}
}

// Lacks checks that none of the words is in the answer.
func (a Answer) Lacks(words ...string) {
	a.t.Helper()
	for _, w := range words {
		if strings.Contains(a.Body, w) {
			a.t.Errorf("%s has %q in it", a.Request, w)
		}
	}
}

// Goes checks that the browser is led on to a page, by a redirect or, with scripts, by htmx.
func (a Answer) Goes(to string) {
	a.t.Helper()
	if !(a.Status == http.StatusSeeOther && a.Location == to ||
		a.Status == http.StatusNoContent && a.Header.Get("HX-Redirect") == to) {
		a.t.Errorf("%s is %d and leads to %q, not to %q\n%s", a.Request, a.Status, a.Location+a.Header.Get("HX-Redirect"), to,
			a.main())
	}
}

// IsPart checks that the answer is one element with this id, and no whole page around it.
func (a Answer) IsPart(id string) {
	a.t.Helper()
	a.Lacks("<html", "<header")
	if !a.HasID(id) {
		a.t.Errorf("%s is not the part %q:\n%s", a.Request, id, a.Body)
	}
}

// main is what stands in a page's <main>, to be read in a failure.
func (a Answer) main() string {
	if _, rest, found := strings.Cut(a.Body, "<main"); found {
		inner, _, _ := strings.Cut(rest, "</main>")
		return inner
	}
	return a.Body
}
