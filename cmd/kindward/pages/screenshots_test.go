package pages_test

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

var (
	shots = flag.String("shots", "", "folder for pictures of all pages")
	only  = flag.String("only", "", "pattern of the names of the pages to take pictures of")
)

// workplacePages are the pages of an organization's workplace, as somebody sees them who manages it.
func workplacePages(t testing.TB, site *sitetest.Site) (all []visit) {
	t.Helper()
	manager, at := site.SignedIn(t, "manager@example.test"), "/organizations/"+sitetest.FoxPoint
	for _, page := range []string{"", "appointments", "availability", "patients", "members", "access-log", "listings",
		"locations/new", "practitioners/new", "services/new", "hours/new"} {
		all = append(all, visit{name: "work-" + strings.ReplaceAll(page, "/", "-"), path: at + "/" + page, as: manager})
	}
	all[0].path = at
	return append(all, deskPages(t, manager, at)...)
}

// deskPages are those on which a visit is booked for somebody who calls, in the order in which they come.
func deskPages(t testing.TB, desk *sitetest.Person, at string) []visit {
	t.Helper()
	wrong := func(v *browser.Tab) {
		v.PressAt("main form[method=post] button[type=submit]")
		v.Sees("There is a problem")
	}
	get := func(path, pattern string) string {
		found := regexp.MustCompile(pattern).FindStringSubmatch(desk.Get(t, path).Body)
		if found == nil {
			t.Fatalf("%s has no %s", path, pattern)
		}
		return found[1]
	}
	add := url.Values{"key": {uuid.NewString()}, "book": {"on"}, "sure": {"on"}, "name": {"Ines Cabral"},
		"dob-month": {"4"}, "dob-day": {"2"}, "dob-year": {"1961"}, "phone": {"401 555 0177"}}
	choose := desk.Post(t, at+"/patients/new", add).Location
	times := choose + "&service=" + get(choose, `value="([0-9a-f-]{36})"[^>]*>Flu shot`)
	const start = `name="start" value="([^"]+)"`
	offering := get(times, `name="offering" value="([^"]+)"`)
	base, _, _ := strings.Cut(times, "?")
	form := base + "?offering=" + offering + "&start=" + get(times, start)
	booked := desk.Post(t, strings.TrimSuffix(base, "/new"), url.Values{"key": {uuid.NewString()}, "offering": {offering},
		"start": {get(times, start)}, "payer": {"self"}, "channel": {"phone"}}).Location
	add.Set("name", "Rui Amaral")
	add.Set("key", uuid.NewString())
	unasked, _, _ := strings.Cut(desk.Post(t, at+"/patients/new", add).Location, "?") // has not agreed yet
	move := booked + "/reschedule"
	return []visit{
		{name: "desk-whom", path: at + "/patients?book=on", as: desk},
		{name: "desk-new", path: at + "/patients/new?book=on", as: desk},
		{name: "desk-new-wrong", path: at + "/patients/new?book=on", as: desk, act: wrong},
		{name: "desk-new-alike", path: at + "/patients/new?book=on", as: desk, act: func(v *browser.Tab) {
			for field, typed := range map[string]string{"Full name": "Inês Cabral", "Month": "4", "Day": "2", "Year": "1961",
				"Phone number": "401 555 0177"} {
				v.Type(field, typed)
			}
			v.Press("Add and choose a time")
			v.Sees("Is it one of these people?")
		}},
		{name: "desk-choose", path: choose, as: desk},
		{name: "desk-times", path: times, as: desk},
		{name: "desk-taken", path: form, as: desk},
		{name: "desk-form", path: base + "?offering=" + offering + "&start=" + get(times, start), as: desk},
		{name: "desk-form-wrong", path: base + "?offering=" + offering + "&start=" + get(times, start), as: desk, act: wrong},
		{name: "desk-consent", path: unasked + "?offering=" + offering + "&start=" + get(times, start), as: desk, act: wrong},
		{name: "desk-visit", path: booked, as: desk},
		{name: "desk-move", path: move, as: desk},
		{name: "desk-move-asked", path: move + "?start=" + get(move, start), as: desk},
	}
}

// TestScreenshots takes pictures for people to look at.
func TestScreenshots(t *testing.T) {
	if *shots == "" {
		t.Skip("say where pictures go: -shots DIR")
	}
	site := sitetest.Open(t)
	dir, err := filepath.Abs(*shots)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(*only)
	all := append(visits(t, site), consolePages(t, site)...)
	for _, p := range append(all, workplacePages(t, site)...) {
		if !wanted.MatchString(p.name) {
			continue
		}
		v := site.Visit(t, p.as.Browser(t))
		v.Go(p.path)
		if p.act != nil {
			p.act(v)
		}
		for _, width := range widths {
			v.Resize(width, 900)
			for _, scheme := range []string{"light", "dark"} {
				v.Prefer(scheme, "screen")
				v.Shot(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", p.name, width, scheme)))
			}
		}
		v.Prefer("light", "print")
		v.Resize(794, 1123) // A4 at 96 dpi
		v.Shot(filepath.Join(dir, p.name+"-print.png"))
	}
}
