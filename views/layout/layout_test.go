package layout_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"kindward/views/layout"
	"kindward/views/ui"
)

func page(t *testing.T, c templ.Component) (*html.Node, string) {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return root, b.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func find(root *html.Node, match func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			found = append(found, n)
		}
	}
	return found
}

func elements(root *html.Node, name string) []*html.Node {
	return find(root, func(n *html.Node) bool { return n.Data == name })
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestAPageOpensInTheChosenTheme(t *testing.T) {
	for cookie, want := range map[string]string{"": "auto", "auto": "auto", "light": "light", "dark": "dark",
		`"><script>`: "auto"} {
		root, _ := page(t, layout.Base(layout.Page{Theme: layout.ParseTheme(cookie), Path: "/search?near=02906"}))
		if got := attr(elements(root, "html")[0], "data-theme"); got != want {
			t.Errorf("cookie %q: the page is %s, want %s", cookie, got, want)
		}
		var pressed []string
		for _, b := range find(root, func(n *html.Node) bool { return n.Data == "button" && attr(n, "name") == "theme" }) {
			if attr(b, "aria-pressed") == "true" {
				pressed = append(pressed, attr(b, "value"))
			}
		}
		if fmt.Sprint(pressed) != fmt.Sprint([]string{want}) {
			t.Errorf("cookie %q: the switch shows %v, want %s", cookie, pressed, want)
		}
		back := find(root, func(n *html.Node) bool { return attr(n, "name") == "return" })
		if len(back) != 1 || attr(back[0], "value") != "/search?near=02906" {
			t.Error("the switch must lead back to this page")
		}
	}
}

func TestTheTitleSaysWhereAndWhetherThereIsAProblem(t *testing.T) {
	for want, p := range map[string]layout.Page{
		"Sign in – Kindward":                  {Title: "Sign in"},
		"Error: Sign in – Kindward":           {Title: "Sign in", Wrong: true},
		"Kindward: find care and book a time": {},
	} {
		root, _ := page(t, layout.Base(p))
		if got := words(elements(root, "title")[0]); got != want {
			t.Errorf("the title is %q, want %q", got, want)
		}
	}
}

func TestTheMastheadKnowsWhoIsHere(t *testing.T) {
	out, text := page(t, layout.Base(layout.Page{SignIn: "/sign-in?to=%2Fplaces%2Fx"}))
	if strings.Contains(text, "/sign-out") || !strings.Contains(text, `href="/sign-in?to=%2Fplaces%2Fx"`) {
		t.Error("a stranger is offered to sign in, and only that")
	}
	in, text := page(t, layout.Base(layout.Page{Account: `Maya <b>"Okafor"`, Here: layout.Account}))
	if strings.Contains(text, "/sign-in") || len(elements(in, "b")) != len(elements(out, "b")) {
		t.Error("a signed-in person sees the own name, as text")
	}
	forms := find(in, func(n *html.Node) bool { return attr(n, "action") == "/sign-out" })
	for _, f := range forms {
		if f.Data != "form" || attr(f, "method") != "post" {
			t.Error("signing out changes something, so it is a POST")
		}
	}
	if len(forms) != 2 { // one for a desk, one for a phone
		t.Errorf("%d ways to sign out, want 2", len(forms))
	}
}

func TestOneEntryOfTheNavigationIsCurrent(t *testing.T) {
	for here, want := range map[layout.Here]string{layout.FindCare: "Find care", layout.Bookings: "My appointments",
		layout.Help: "Help", layout.Account: "Sign in", layout.Nowhere: ""} {
		root, _ := page(t, layout.Base(layout.Page{Here: here}))
		var got string
		for _, a := range find(root, func(n *html.Node) bool { return attr(n, "aria-current") == "page" }) {
			got += words(a)
		}
		if got != want {
			t.Errorf("%q: current is %q, want %q", here, got, want)
		}
	}
}

func TestHtmxKeepsNoPageAndShowsWhatIsWrong(t *testing.T) {
	root, _ := page(t, layout.Base(layout.Page{}))
	meta := find(root, func(n *html.Node) bool { return attr(n, "name") == "htmx-config" })
	var c struct {
		HistoryCacheSize          *int
		HistoryRestoreAsHxRequest *bool
		AllowEval                 *bool
		SelfRequestsOnly          *bool
		IncludeIndicatorStyles    *bool
		ResponseHandling          []struct {
			Code string
			Swap bool
		}
	}
	if err := json.Unmarshal([]byte(attr(meta[0], "content")), &c); err != nil {
		t.Fatal(err)
	}
	if *c.HistoryCacheSize != 0 || *c.HistoryRestoreAsHxRequest || *c.AllowEval || !*c.SelfRequestsOnly ||
		*c.IncludeIndicatorStyles || len(c.ResponseHandling) != 4 {
		t.Errorf("the configuration is %+v", c)
	}
}

func TestAnyFaultCanBeShownWithoutARequest(t *testing.T) {
	for _, code := range append(layout.FaultCodes, 418) {
		f := layout.FaultOf(code)
		f.Ref = "R-58F2A1"
		root, text := page(t, layout.ErrorPage(layout.Page{}, f))
		h1 := elements(root, "h1")
		if len(h1) != 1 || words(h1[0]) != f.Title || f.Title == "" || f.Text == "" || f.Do == "" || len(f.Ways) == 0 ||
			f.Code != code {
			t.Errorf("%d: title %q, text %q, what to do %q, %d ways on", code, f.Title, f.Text, f.Do, len(f.Ways))
		}
		if !strings.Contains(text, "R-58F2A1") {
			t.Errorf("%d: the reference is missing", code)
		}
		for _, word := range []string{"please", "oops", "invalid", "error", "!", fmt.Sprint(code)} {
			if said := strings.ToLower(f.Title + f.Text + f.Do); strings.Contains(said, word) {
				t.Errorf("%d says %q", code, word)
			}
		}
		_, part := page(t, layout.ErrorPart(f))
		if !strings.Contains(part, "R-58F2A1") || strings.Contains(part, "masthead") {
			t.Errorf("%d: the part must say the same as the page, without its frame", code)
		}
	}
	if _, text := page(t, layout.ErrorPage(layout.Page{}, layout.FaultOf(404))); strings.Contains(text, "Reference") {
		t.Error("without a reference none is promised")
	}
}

func TestAFaultIsACopy(t *testing.T) {
	layout.FaultOf(404).Ways[0].Href = "/elsewhere"
	if layout.FaultOf(404).Ways[0].Href != "/" {
		t.Error("a change reached the next visitor")
	}
}

func TestTheFrameHoldsWhatItIsGiven(t *testing.T) {
	root, text := page(t, layout.Base(layout.Page{Frame: layout.SplitEnd, Search: &ui.SearchBar{Reason: "Blood test"},
		Flash: []ui.Notice{{Text: "Saved."}}}))
	if main := elements(root, "main"); len(main) != 1 || attr(main[0], "class") != "wrap split end" ||
		attr(main[0], "id") != "main" {
		t.Error("main is not the frame that was asked for")
	}
	for _, want := range []string{`action="/search"`, "Saved.", `role="alert"`, `href="#main"`, "/how-we-rank", "/privacy",
		"/accessibility", "call 911"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
}
