package ops_test

import (
	"flag"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/pgtest"
)

var shots = flag.String("shots", "", "folder for pictures of the console")

// tab is a Chromium in which this person is signed in.
func (b *person) tab(t *testing.T, change ...func(*browser.Options)) *browser.Tab {
	t.Helper()
	browser.Need(t)
	chromium, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(chromium.Stop)
	return b.in(t, chromium, change...)
}

func (b *person) in(t *testing.T, chromium *browser.Browser, change ...func(*browser.Options)) *browser.Tab {
	t.Helper()
	home, err := url.Parse(b.h.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := browser.Options{Home: b.h.URL, Cookies: b.http.Jar.Cookies(home)}
	for _, f := range change {
		f(&o)
	}
	return chromium.Visit(t, o)
}

func TestA35SupportSeesAsAPersonInABrowserAndStops(t *testing.T) {
	h := open(t)
	maya, sam := h.person(t, "Maya Okafor"), h.person(t, "Sam Support", "support")
	for name, change := range map[string]func(*browser.Options){"with a script": func(*browser.Options) {}, "without one": func(o *browser.Options) { o.NoScript = true }} {
		t.Run(name, func(t *testing.T) {
			v := sam.tab(t, change)
			v.Go("/ops/people")
			v.Type("Address, name or booking reference", maya.email())
			v.Press("Find")
			v.Sees("1 person fits.", maya.email())
			v.Press("Maya Okafor")
			v.Sees("signs in with a password and nothing else")
			v.Type("Why", "no")
			v.Press("See the site as Maya")
			v.Sees("There is a problem", "Say why in 10 characters or more")
			if kept := v.Value("Why"); kept != "no" {
				t.Errorf("what was typed has become %q", kept)
			}
			v.Type("Why", asked)
			v.Press("See the site as Maya")
			v.Sees("You see the site as Maya Okafor and change nothing.", maya.email())
			v.Go("/bookings")
			v.Sees("You see the site as Maya Okafor")
			v.Press("Stop")
			v.Sees("You are yourself again.", "Seen as them before", asked)
			v.SeesNot("You see the site as")
			sam.walkIn(true)
		})
	}
}

func TestEmergencyAccessAndItsReviewInABrowser(t *testing.T) {
	h := open(t)
	clinic := h.Clinic(t)
	maya, olga, coy := h.person(t, "Maya Okafor"), h.person(t, "Olga", "operator"), h.person(t, "Coy", "compliance")
	visit(t, clinic, maya)
	v := olga.tab(t)
	v.Go("/ops/emergency-access")
	v.Type("Organization", clinic.Slug)
	v.Type("What the emergency is", alarm)
	v.Press("Open records for 60 minutes")
	v.Sees("in an emergency")
	v.Go(records(clinic))
	v.Sees("Maya Okafor")
	v.Press("Stop")
	v.Sees("You are yourself again.")
	w := coy.tab(t)
	w.Go("/ops/emergency-access")
	w.Sees(alarm, "1 person opened")
	id := one[string](t, h, `select id::text from directory.staff_access where tenant_id = $1`, clinic.ID)
	w.PressAt("#review-" + id + " button")
	w.Sees("Choose a verdict", "Say in a sentence why")
	w.PressAt("#verdict-" + id)
	w.PressAt("#note-" + id)
	w.Keys("I called the clinic myself")
	w.PressAt("#review-" + id + " button")
	w.Sees("The review is closed", "I called the clinic myself")
}

// desks are all pages of the console in the states that look different.
func desks(t *testing.T, h *house, clinic *pgtest.Clinic, maya *person) map[string]string {
	t.Helper()
	ben := h.person(t, "Ben Support", "support")
	ben.see(maya)
	goes(t, h.person(t, "Olga", "operator").post("/ops/emergency-access", "organization", clinic.Slug, "reason", alarm), "/organizations/"+clinic.Slug+"/appointments")
	h.Admin(t, `insert into directory.totp (account_id, secret, confirmed_at) values ($1, '\x00', now())`, maya.id)
	return map[string]string{"overview": "/ops", "people": "/ops/people?q=" + maya.email(), "people-wrong": "/ops/people?q=x", "person": "/ops/people/" + maya.id.String(),
		"staff": "/ops/staff", "emergency": "/ops/emergency-access", "policies": "/ops/policies?account=" + maya.email() + "&organization=" + clinic.Slug + "&action=patients.read"}
}

func TestTheConsoleIsAccessibleInBothColorsAndWidths(t *testing.T) {
	browser.NeedTools(t)
	h := open(t)
	clinic, maya := h.Clinic(t), h.person(t, "Maya Okafor")
	maya.work(clinic, "front_desk")
	boss := h.person(t, "Ada Boss", "administrator", "compliance", "support", "operator")
	pages := desks(t, h, clinic, maya)
	chromium, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(chromium.Stop)
	for name, path := range pages {
		t.Run(name, func(t *testing.T) {
			a := boss.get(path)
			v := boss.in(t, chromium)
			v.Go(path)
			if n := browser.Eval[int](v, `document.querySelectorAll("h1").length`); n != 1 || a.status >= http.StatusInternalServerError {
				t.Errorf("%d h1, status %d", n, a.status)
			}
			for _, width := range []int{1440, 390} {
				v.Resize(width, 900)
				for _, scheme := range []string{"light", "dark"} {
					v.Prefer(scheme, "screen")
					for _, finding := range v.Axe() {
						t.Errorf("%d %s: %s", width, scheme, finding)
					}
					if *shots != "" {
						v.Shot(filepath.Join(*shots, name+"-"+scheme+map[bool]string{true: "-phone"}[width < 1000]+".png"))
					}
				}
				if wide := v.Sideways(); wide != "" {
					t.Errorf("at %d px: %s", width, wide)
				}
			}
			for _, line := range v.Console() {
				t.Error("console: " + line)
			}
		})
	}
}
