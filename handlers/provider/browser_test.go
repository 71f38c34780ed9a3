package provider_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/browser"
)

// looked is a page that somebody looks at.
type looked struct {
	as   *webtest.Person
	path string
}

// look opens a page as somebody sees it.
func look(t *testing.T, b *browser.Browser, site *webtest.Site, as *webtest.Person, path string) *browser.Tab {
	t.Helper()
	v := b.Visit(t, browser.Options{Home: site.URL, Cookies: as.Cookies()})
	v.Go(path)
	return v
}

func TestThePagesOfAWorkplaceAreSound(t *testing.T) {
	b := browser.Shared(t)
	browser.NeedTools(t)
	site := webtest.Open(t)
	visit, soon := site.Visit(t, site.Clinic(), 0), site.Visit(t, site.Clinic(), 2)
	alice := site.Member(t, site.Clinic(), "Alice Owner", "owner")
	bob := site.WithTwoFactors(t, "Bob Desk")
	member := bob.Employ(site.Clinic(), "front_desk")
	both := site.WithTwoFactors(t, "Ines Both")
	both.Employ(site.Clinic(), "manager")
	other := both.Employ(site.Other(), "billing")
	own := webtest.Workplace(site.Clinic())
	link := invite(t, site, alice, "someone@example.test", "clinician")
	alice.Post(own+"/api-keys", "name", "Waiting room", "life", "90", "scope", "slots.read")
	alice.Post(own+"/members/"+member.String()+"/role", "role", "clinician")
	alice.Post(own+"/locations/"+site.Clinic().Location.String(), "name", "Test place", "street", "2 Test St", "zip",
		"02906") // waits for review
	files, tabs := t.TempDir(), map[*webtest.Person]*browser.Tab{} // whoever looks has one tab for all pages
	pages := map[string]looked{
		"home": {alice, own}, "day": {alice, own + "/appointments"}, "patients": {alice, own + "/patients"},
		"contact":                       {alice, own + "/patients/" + visit.Patient.String() + "/contact"},
		"chart":                         {alice, own + "/patients/" + visit.Patient.String()},
		"cancellation":                  {alice, own + "/appointments/" + soon.ID.String() + "/cancellation"},
		"contact of somebody who comes": {alice, own + "/patients/" + soon.Patient.String() + "/contact"},
		"day to come":                   {alice, own + "/appointments?day=" + soon.Day},
		"availability":                  {alice, own + "/availability?day=" + soon.Day + "&at=09:00"},
		"members":                       {alice, own + "/members"},
		"log":                           {alice, own + "/access-log?all=on"}, "sso": {alice, own + "/sso"},
		"invite": {alice, own + "/invitations"}, "keys": {alice, own + "/api-keys"},
		"new key":  {alice, own + "/api-keys/new"},
		"listings": {alice, own + "/listings"}, "new location": {alice, own + "/locations/new"},
		"new practitioner": {alice, own + "/practitioners/new"}, "new service": {alice, own + "/services/new"},
		"new hours":    {alice, own + "/hours/new"},
		"location":     {alice, own + "/locations/" + site.Clinic().Location.String()},
		"practitioner": {alice, own + "/practitioners/" + site.Clinic().Practitioner.String()},
		"service":      {alice, own + "/services/" + site.Clinic().Service.String()},
		"workplaces":   {both, "/organizations"}, "invitation": {site.Visitor(t), link},
		"member": {alice, own + "/members/" + membershipOf(t, site, both, other).String()},
	}
	for name, path := range bookingPages(alice, own, soon) {
		pages[name] = looked{alice, path}
	}
	for name, path := range importPages(t, site, alice) {
		pages[name] = looked{alice, path}
	}
	for name, page := range pages {
		if tabs[page.as] == nil {
			tabs[page.as] = b.Visit(t, browser.Options{Home: site.URL, Cookies: page.as.Cookies()})
		}
		v := tabs[page.as].For(t)
		v.Prefer("light", "screen")
		v.Go(page.path)
		for _, width := range []int{320, 960} {
			v.Resize(width, 900)
			if s := v.Sideways(); s != "" {
				t.Error(name, width, s)
			}
		}
		for _, nameless := range v.NamelessCells() {
			t.Error(name, nameless)
		}
		v.Resize(1200, 300) // so low that everything scrolls
		for _, hidden := range v.Covered() {
			t.Error(name, "is covered:", hidden)
		}
		for _, idle := range v.Unprintable() {
			t.Error(name, "is printed:", idle)
		}
		for width, scheme := range map[int]string{1440: "light", 390: "dark"} {
			v.Resize(width, 900)
			v.Prefer(scheme, "screen")
			for _, a := range append(v.Axe(), v.Console()...) {
				t.Error(name, width, a)
			}
			if s := v.Sideways(); s != "" {
				t.Error(name, width, s)
			}
		}
		if err := os.WriteFile(filepath.Join(files, name+".html"), []byte(page.as.Get(page.path).Body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range browser.HTMLValidate(t, files) {
		t.Error(line)
	}
}

// bookingPages are those on which a visit is booked for somebody who calls, and moved.
func bookingPages(as *webtest.Person, own string, soon webtest.Visit) map[string]string {
	visit, times := own+"/appointments/"+soon.ID.String(), own+"/patients/"+soon.Patient.String()+"/visits/new?book=on"
	starts := as.Get(times).Starts()
	offering := "&offering=" + as.Site.Clinic().OfferingID.String() + "&start="
	return map[string]string{"whom": own + "/patients?book=on", "new patient": own + "/patients/new?book=on",
		"visit times": times, "visit form": times + offering + starts[0],
		"visit": visit, "move": visit + "/reschedule", "move asked": visit + "/reschedule?start=" + starts[0]}
}

// membership is somebody's living one that is not another.
func membershipOf(t *testing.T, site *webtest.Site, p *webtest.Person, not uuid.UUID) (id uuid.UUID) {
	t.Helper()
	err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
		`select id from directory.membership where account_id = $1 and ended_at is null and id <> $2`, p.ID, not).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAMarkChangesItsRowAndTheKeyboardStaysThere(t *testing.T) {
	b := browser.Shared(t)
	site := atNoon(t)
	visit := site.Visit(t, site.Clinic(), 0)
	site.Visit(t, site.Clinic(), 0)
	v := look(t, b, site, site.Bob(t, "front_desk"), webtest.Workplace(site.Clinic())+"/appointments")
	mark := "mark-" + visit.ID.String() + "-arrived"
	v.PressAt("#" + mark)
	v.PressAt("#" + mark) // a double click says nothing else
	v.Sees("1 expected, 1 here.", "Undo")
	if focus := browser.Eval[string](v, `document.activeElement.id`); focus != mark {
		t.Error("the keyboard is at", focus)
	}
	// somebody else was faster
	site.Admin(t, `update `+site.Clinic().Schema+`.appointment set status = 'noshow' where id = $1`, visit.ID)
	v.PressAt("#mark-" + visit.ID.String() + "-done")
	v.Sees("was changed meanwhile", "1 expected, 1 missed.")
	undo := "mark-" + visit.ID.String() + "-undo"
	v.PressAt("#" + undo)
	v.Until("it is undone", `document.getElementById("`+undo+`").disabled`)
	if focus := browser.Eval[string](v, `document.activeElement.closest("tr")?.id || ""`); focus != "visit-"+
		visit.ID.String() {
		t.Error("after the last way back the keyboard is at", focus)
	}
}
