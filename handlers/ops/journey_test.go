package ops_test

import (
	"flag"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/browser"
	"kindward/internal/pgtest"
)

var shots = flag.String("shots", "", "folder for pictures of the console")

// tab is a Chromium in which this person is signed in.
func tabOf(t *testing.T, b *webtest.Person, change ...func(*browser.Options)) *browser.Tab {
	t.Helper()
	o := browser.Options{Home: b.Site.URL, Cookies: b.Cookies()}
	for _, f := range change {
		f(&o)
	}
	return browser.Shared(t).Visit(t, o)
}

func TestA35SupportSeesAsAPersonInABrowserAndStops(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	for name, change := range map[string]func(*browser.Options){"with a script": func(*browser.Options) {},
		"without one": func(o *browser.Options) { o.NoScript = true }} {
		t.Run(name, func(t *testing.T) {
			v := tabOf(t, sam, change)
			v.Go("/ops/people")
			v.Type("Address, name, phone number or booking reference", maya.Email)
			v.Press("Find")
			v.Sees("1 person fits.", maya.Email)
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
			v.Sees("You see the site as Maya Okafor and change nothing.", maya.Email)
			v.Go("/bookings")
			v.Sees("You see the site as Maya Okafor")
			v.Press("Stop")
			v.Sees("You are yourself again.", "Seen as them before", asked)
			v.SeesNot("You see the site as")
			sam.SignIn(2)
		})
	}
}

func TestEmergencyAccessAndItsReviewInABrowser(t *testing.T) {
	site := webtest.Open(t)
	clinic := site.NewClinic(t)
	maya, olga, coy := site.Person(t, "Maya Okafor"), site.Staff(t, "Olga", "operator"), site.Staff(t, "Coy", "compliance")
	day := site.VisitOf(t, clinic, maya.ID, maya.Name, 30).Day
	v := tabOf(t, olga)
	v.Go("/ops/emergency-access")
	v.Type("Organization", clinic.Slug)
	v.Type("What the emergency is", alarm)
	v.Press("Open records for 60 minutes")
	v.Sees("in an emergency")
	v.Go(records(clinic, day))
	v.Sees("Maya Okafor")
	v.Press("Stop")
	v.Sees("You are yourself again.")
	w := tabOf(t, coy)
	w.Go("/ops/emergency-access")
	w.Sees(alarm, "1 person seen")
	id := pgtest.One[string](t, site.DB, `select id::text from directory.staff_access where tenant_id = $1`, clinic.ID)
	w.PressAt("#review-" + id + " button")
	w.Sees("Choose a verdict", "Say in a sentence why")
	w.PressAt("#verdict-" + id)
	w.PressAt("#note-" + id)
	w.Keys("I called the clinic myself")
	w.PressAt("#review-" + id + " button")
	w.Sees("The review is closed", "I called the clinic myself")
}

// desks are all pages of the console in the states that look different.
func desks(t *testing.T, site *webtest.Site, clinic *pgtest.Clinic, boss, maya *webtest.Person) map[string]string {
	t.Helper()
	ben := site.Staff(t, "Ben Support", "support")
	see(ben, maya)
	site.Staff(t, "Olga", "operator").Post("/ops/emergency-access", "organization", clinic.Slug, "reason",
		alarm).Goes("/organizations/" + clinic.Slug + "/appointments")
	site.Admin(t, `insert into directory.totp (account_id, secret, confirmed_at) values ($1, '\x00', now())`, maya.ID)
	return map[string]string{"overview": "/ops", "people": boss.Post("/ops/people", "q", maya.Email).Location,
		"person": "/ops/people/" + maya.ID.String(),
		"staff":  "/ops/staff", "health": "/ops/health", "emergency": "/ops/emergency-access",
		"policies": boss.Post("/ops/policies", "account", maya.Email, "organization", clinic.Slug, "action",
			"patients.read").Location}
}

func TestTheConsoleIsAccessibleInBothColorsAndWidths(t *testing.T) {
	browser.NeedTools(t)
	site := webtest.Open(t)
	clinic, maya := site.NewClinic(t), site.Person(t, "Maya Okafor")
	maya.Employ(clinic, "front_desk")
	boss := site.Staff(t, "Ada Boss", "administrator", "compliance", "support", "operator")
	pages := desks(t, site, clinic, boss, maya)
	tab := tabOf(t, boss)
	for n, name := range slices.Sorted(maps.Keys(pages)) {
		t.Run(name, func(t *testing.T) {
			a, v := boss.Get(pages[name]), tab.For(t)
			v.Prefer("light", "screen")
			v.Go(pages[name])
			if n := browser.Eval[int](v, `document.querySelectorAll("h1").length`); n != 1 ||
				a.Status >= http.StatusInternalServerError {
				t.Errorf("%d h1, status %d", n, a.Status)
			}
			for i, width := range []int{1440, 390} { // the colors the other way round on every second page
				scheme := []string{"light", "dark"}[(i+n)%2]
				v.Resize(width, 900)
				v.Prefer(scheme, "screen")
				for _, finding := range v.Axe() {
					t.Errorf("%d %s: %s", width, scheme, finding)
				}
				if *shots != "" {
					v.Shot(filepath.Join(*shots, name+"-"+scheme+map[bool]string{true: "-phone"}[width < 1000]+".png"))
				}
				if wide := v.Sideways(); wide != "" {
					t.Errorf("at %d px: %s", width, wide)
				}
			}
			for _, nameless := range v.NamelessCells() {
				t.Error(nameless)
			}
			v.Resize(1200, 300) // so low that everything scrolls
			for _, hidden := range v.Covered() {
				t.Error("is covered:", hidden)
			}
			for _, idle := range v.Unprintable() {
				t.Error("is printed:", idle)
			}
			for _, line := range v.Console() {
				t.Error("console: " + line)
			}
		})
	}
}
