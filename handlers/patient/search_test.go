package patient_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestASearchShowsWhoCanWithRealTimes(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	site.Clinic()
	v := site.Visitor(t)
	p := v.Get("/search?reason=mole+check&near=02906")
	if p.Status != http.StatusOK || !strings.Contains(p.H1(), "times for a skin check") {
		t.Fatalf("%d %q", p.Status, p.H1())
	}
	mine := p.All("article", "id", "l-"+site.Clinic().OfferingID.String())
	if len(mine) != 1 {
		t.Fatalf("1.1 the clinic is shown %d times", len(mine))
	}
	result := mine[0]
	if len(result.Starts()) == 0 || !strings.Contains(result.Text(), "Dr. Test") ||
		!strings.Contains(result.Text(), "$140") {
		t.Errorf("the result: %s", result.Text())
	}
	if v.Token() != "" {
		t.Error("a search starts a session")
	}
	t.Run("htmx gets the part", func(t *testing.T) {
		part := site.Visitor(t).HTMX().Get("/search?reason=mole+check&near=02906")
		if len(part.All("header")) != 0 || len(part.All("div", "id", "found")) != 1 || part.Header.Get("Vary") == "" {
			t.Errorf("%.300s", part.Body)
		}
	})
	t.Run("the same question is the same page, hidden fields in their order too", func(t *testing.T) {
		const asked = "/search?from=2031-01-06&near=02906&reason=mole+check"
		first := fieldsOf(v.Get(asked))
		for range 20 { // the order of a map would show
			if again := fieldsOf(v.Get(asked)); !slices.Equal(again, first) || len(again) < 3 {
				t.Fatalf("%v, then %v", first, again)
			}
		}
	})
	t.Run("a time pressed in the results is held", func(t *testing.T) {
		p := site.Visitor(t).Post(site.Place()+"/holds", "listing", site.Clinic().OfferingID.String(), "start",
			result.Starts()[0])
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Location, site.Place()+"/holds/") {
			t.Errorf("%d %s", p.Status, p.Location)
		}
	})
}

func TestWhomAClinicianSeesIsSaidAndWhoItIsForIsAGate(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	c := site.Clinic()
	c.SQL(t, `update practitioner set age_to = 17`)
	c.Publish(t)
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for age, want := range map[string]bool{"": true, "&age=child": true, "&age=9": true, "&age=adult": false} {
		p := site.Visitor(t).Get("/search?reason=mole+check&near=02906" + age)
		shown := p.All("article", "id", "l-"+c.OfferingID.String())
		if len(shown) == 1 != want || want && !strings.Contains(shown[0].Text(), "Sees children up to 17") {
			t.Errorf("%q: shown %d times, want %v", age, len(shown), want)
		}
		if !strings.Contains(p.Text(), "Who is it for?") {
			t.Errorf("%q: it is not asked who it is for", age)
		}
	}
}

func TestTheNearestZIPCodeIsToldToWhomeverSaysWhereTheyAre(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	site.Clinic()
	for _, c := range []struct {
		lat, lon, want string
	}{{"41.83", "-71.39", "Providence 02906"}, {"0", "0", ""}, {"NaN", "NaN", ""}, {"", "", ""}, {"41.83", "east", ""}} {
		p := site.Visitor(t).Post("/nearest-zip-code", "lat", c.lat, "lon", c.lon)
		if p.Body != c.want || (p.Status == http.StatusOK) != (c.want != "") ||
			!strings.Contains(p.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("%+v: %d %q", c, p.Status, p.Body)
		}
	}
	if strings.Contains(site.Log.Text(), "41.83") {
		t.Error("a position stands in the log")
	}
}

// fieldsOf are the names of the hidden fields of the form of filters, in their order.
func fieldsOf(p webtest.Answer) (names []string) {
	for _, form := range p.All("form", "action", "/search") {
		for _, input := range form.All("input", "type", "hidden") {
			names = append(names, input.Value("name"))
		}
	}
	return names
}

func TestWhatIsTypedIsUnderstoodOrAskedAboutAndNeverWidened(t *testing.T) {
	site := webtest.Open(t)
	site.Clinic()
	v := site.Visitor(t)
	search := func(reason, near string) webtest.Answer {
		return v.Get("/search?" + url.Values{"reason": {reason}, "near": {near}}.Encode())
	}
	slip := search("skin chekc", "02906")
	slip.Has(http.StatusOK, "times for a skin check", "We read “skin chekc” as")
	for name, test := range map[string]struct {
		reason, near string
		want         []string
	}{
		"no meaning":           {"asdfghjk", "02906", []string{"We do not know “asdfghjk”", "Skin check"}},
		"nobody does that":     {"teeth whitening", "02906", []string{"Nobody here offers “teeth whitening”"}},
		"the place is unknown": {"skin check", "providnce", []string{"We do not know the place “providnce”", "Providence, RI"}},
		"both in doubt": {"skin chekc", "providnce",
			[]string{"We do not know the place “providnce”", "Providence, RI"}},
		"a name":      {"test clinic", "", []string{"Places and clinicians"}},
		"danger":      {"chest pain", "02906", []string{"Call 911 now"}},
		"a crisis":    {"suicidal", "", []string{"988", "911"}},
		"poison":      {"overdose", "", []string{"tel:18002221222", "911"}},
		"in Spanish":  {"dolor de pecho", "02906", []string{"Llame al 911 ahora"}},
		"wrong boxes": {"02906", "mole check", []string{"times for a skin check"}},
	} {
		p := search(test.reason, test.near)
		p.Has(http.StatusOK, test.want...)
		if found := len(p.All("article")); found > 0 && name != "wrong boxes" {
			t.Errorf("1.2 %s: %d results", name, found)
		}
	}
	if p := search("chest pain", "02906"); len(p.All("h1")) != 1 || len(p.Starts()) != 0 {
		t.Errorf("an emergency is shown times: %s", p.Text())
	}
	for _, crisis := range []string{"I want to die", "quiero morir"} {
		if p := search(crisis, "02906"); len(p.All("details")) != 0 || len(p.All("form", "class", "filters")) != 0 {
			t.Errorf("%s: filters of no results stand above whom to call", crisis)
		}
	}
	if p := search("mole check", "02906"); len(p.All("form", "class", "filters")) != 1 {
		t.Error("the control: no filters beside results")
	}
	lost := search("mole check near brown university", "02906")
	lost.Has(http.StatusOK, "We do not know the place “brown university”", "or search near Providence 02906", "Skin check")
	if len(lost.All("article")) != 0 || lost.Field("reason") != "mole check" {
		t.Errorf("1.2 a place that we do not know is dropped: %.300s", lost.Text())
	}
	site.Visitor(t).Get("/search?reason=mole+check+near+brown+university").Has(http.StatusOK, "search anywhere in our region")
	search("weird mole", "02906").Has(http.StatusOK, "We take “weird mole” to mean a skin check.")
	kept := search("mole check near 02906 tomorrow", "")
	if kept.Field("near") != "Providence 02906" || kept.Field("reason") != "mole check" {
		t.Errorf("the boxes show %q and %q", kept.Field("reason"), kept.Field("near"))
	}
}

func TestWhatIsTypedIntoASearchIsOnlyText(t *testing.T) {
	site := webtest.Open(t)
	site.Clinic()
	for _, bad := range []string{`<img src=x onerror=alert(1)>`, `"><script>`, strings.Repeat("a", 5000), "\u202eevil",
		"' or 1=1 --", "\x00"} {
		p := site.Visitor(t).Get("/search?" + url.Values{"reason": {bad}, "near": {bad}, "from": {bad}, "kind": {bad},
			"page": {bad}}.Encode())
		if p.Status != http.StatusOK && p.Status != http.StatusBadRequest && p.Status != http.StatusUnprocessableEntity {
			t.Errorf("A10 %.20q: %d", bad, p.Status)
		}
		if len(p.All("img")) != 0 || len(p.All("script")) > 2 {
			t.Errorf("A10 %.20q became an element", bad)
		}
	}
}

func TestSuggestionsComeWhileTyping(t *testing.T) {
	site := webtest.Open(t)
	site.Clinic()
	v := site.Visitor(t).HTMX()
	p := v.Get("/suggestions?reason=mol&near=02906")
	links := p.All("a")
	if p.Status != http.StatusOK || len(links) == 0 || !strings.Contains(p.Text(), "Skin check") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if u, _ := url.Parse(links[0].Value("href")); u.Query().Get("near") != "02906" {
		t.Errorf("the place is lost: %s", links[0].Value("href"))
	}
	if p := v.Get("/suggestions?reason=zzzzzz"); p.Status != http.StatusOK || len(p.All("a")) != 0 {
		t.Errorf("nothing fits: %d %s", p.Status, p.Body)
	}
}

func TestThePlaceSaysWhatWhereWhenAndHowMuch(t *testing.T) {
	site := webtest.Open(t)
	p := site.Visitor(t).Get(site.Place())
	for _, want := range []string{"Skin check", "$140", "1 Test St", "Opening hours", "9 am to 5 pm", "Dr. Test"} {
		if !strings.Contains(p.Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, path := range []string{"/places/no-such-place", "/places/no-such-place/holds",
		site.Place() + "/listings/x/times", site.Place() + "/listings/00000000-0000-0000-0000-000000000000/times"} {
		if p := site.Visitor(t).Get(path); p.Status != http.StatusNotFound && p.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

func TestTheCalendarTurnsAndHtmxGetsThePart(t *testing.T) {
	site := webtest.Open(t)
	v := site.Visitor(t)
	now := site.Clock.Now().In(site.Zone)
	later := time.Date(now.Year(), now.Month()+2, 1, 12, 0, 0, 0, site.Zone)
	p := v.Get(site.Times() + "?month=" + later.Format("2006-01"))
	if !strings.Contains(p.Text(), later.Format("January 2006")) || len(p.All("h1")) != 1 {
		t.Errorf("%s", p.Text())
	}
	for _, bad := range []string{"?month=x", "?month=0001-01", "?week=9999-12-31", "?week=2026-02-31", "?month=2026-13"} {
		if p := v.Get(site.Times() + bad); p.Status != http.StatusOK || len(p.Starts()) == 0 {
			t.Errorf("%s: %d with %d times", bad, p.Status, len(p.Starts()))
		}
	}
	if p := v.HTMX().Get(site.Times()); len(p.All("header")) != 0 || len(p.All("div", "id", "times")) != 1 {
		t.Error("htmx does not get the calendar alone")
	}
}
