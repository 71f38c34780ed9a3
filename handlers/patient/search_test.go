package patient_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestASearchShowsWhoCanWithRealTimes(t *testing.T) {
	h := openIn(t, pgtest.Fresh(t, tenancy.Options{}))
	v := h.visitor(t)
	p := v.get("/search?reason=mole+check&near=02906")
	if p.status != http.StatusOK || !strings.Contains(p.h1(), "times for a skin check") {
		t.Fatalf("%d %q", p.status, p.h1())
	}
	mine := p.all("article", "id", "l-"+h.clinic.OfferingID.String())
	if len(mine) != 1 {
		t.Fatalf("1.1 the clinic is shown %d times", len(mine))
	}
	result := page{root: mine[0]}
	if len(result.starts()) == 0 || !strings.Contains(result.text(), "Dr. Test") || !strings.Contains(result.text(), "$140") {
		t.Errorf("the result: %s", result.text())
	}
	if len(p.header.Values("Set-Cookie")) > 1 {
		t.Error("a search starts a session")
	}
	t.Run("htmx gets the part", func(t *testing.T) {
		v := h.visitor(t)
		v.htmx = true
		part := v.get("/search?reason=mole+check&near=02906")
		if len(part.all("header")) != 0 || len(part.all("div", "id", "found")) != 1 || part.header.Get("Vary") == "" {
			t.Errorf("%.300s", part.body)
		}
	})
	t.Run("a time pressed in the results is held", func(t *testing.T) {
		p := h.visitor(t).post(h.place()+"/holds", "listing", h.clinic.OfferingID.String(), "start", result.starts()[0])
		if p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, h.place()+"/holds/") {
			t.Errorf("%d %s", p.status, p.location)
		}
	})
}

func TestATypoAsksAndNeverWidens(t *testing.T) {
	h := open(t)
	p := h.visitor(t).get("/search?reason=skin+chekc&near=02906")
	if len(p.all("article")) != 0 {
		t.Error("1.2 a typo found something by itself")
	}
	if !strings.Contains(p.text(), "Did you mean") {
		t.Errorf("1.2 %s", p.text())
	}
	for _, a := range p.all("a") {
		if u, err := url.Parse(value(a, "href")); err == nil && u.Path == "/search" && u.Query().Get("reason") != "" {
			if next := h.visitor(t).get(value(a, "href")); len(next.all("article")) == 0 {
				t.Errorf("the suggestion %s finds nothing", value(a, "href"))
			}
			return
		}
	}
	t.Error("no suggestion can be followed")
}

func TestWhatIsTypedIntoASearchIsOnlyText(t *testing.T) {
	h := open(t)
	for _, bad := range []string{`<img src=x onerror=alert(1)>`, `"><script>`, strings.Repeat("a", 5000), "\u202eevil", "' or 1=1 --", "\x00"} {
		p := h.visitor(t).get("/search?" + url.Values{"reason": {bad}, "near": {bad}, "from": {bad}, "kind": {bad}, "page": {bad}}.Encode())
		if p.status != http.StatusOK && p.status != http.StatusBadRequest && p.status != http.StatusUnprocessableEntity {
			t.Errorf("A10 %.20q: %d", bad, p.status)
		}
		if len(p.all("img")) != 0 || len(p.all("script")) > 2 {
			t.Errorf("A10 %.20q became an element", bad)
		}
	}
}

func TestSuggestionsComeWhileTyping(t *testing.T) {
	h := open(t)
	v := h.visitor(t)
	v.htmx = true
	p := v.get("/suggestions?reason=mol&near=02906")
	links := p.all("a")
	if p.status != http.StatusOK || len(links) == 0 || !strings.Contains(p.text(), "Skin check") {
		t.Fatalf("%d %s", p.status, p.text())
	}
	if u, _ := url.Parse(value(links[0], "href")); u.Query().Get("near") != "02906" {
		t.Errorf("the place is lost: %s", value(links[0], "href"))
	}
	if p := v.get("/suggestions?reason=zzzzzz"); p.status != http.StatusOK || len(p.all("a")) != 0 {
		t.Errorf("nothing fits: %d %s", p.status, p.body)
	}
}

func TestThePlaceSaysWhatWhereWhenAndHowMuch(t *testing.T) {
	h := open(t)
	p := h.visitor(t).get(h.place())
	for _, want := range []string{"Skin check", "$140", "1 Test St", "Opening hours", "9 am to 5 pm", "Dr. Test"} {
		if !strings.Contains(p.text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, path := range []string{"/places/no-such-place", "/places/no-such-place/holds", h.place() + "/listings/x/times", h.place() + "/listings/00000000-0000-0000-0000-000000000000/times"} {
		if p := h.visitor(t).get(path); p.status != http.StatusNotFound && p.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", path, p.status)
		}
	}
}

func TestTheCalendarTurnsAndHtmxGetsThePart(t *testing.T) {
	h := open(t)
	v := h.visitor(t)
	p := v.get(h.times() + "?month=2027-02")
	if !strings.Contains(p.text(), "February 2027") || len(p.all("h1")) != 1 {
		t.Errorf("%s", p.text())
	}
	for _, bad := range []string{"?month=x", "?month=0001-01", "?week=9999-12-31", "?week=2026-02-31", "?month=2026-13"} {
		if p := v.get(h.times() + bad); p.status != http.StatusOK || len(p.starts()) == 0 {
			t.Errorf("%s: %d with %d times", bad, p.status, len(p.starts()))
		}
	}
	v.htmx = true
	if p := v.get(h.times()); len(p.all("header")) != 0 || len(p.all("div", "id", "times")) != 1 {
		t.Error("htmx does not get the calendar alone")
	}
}
