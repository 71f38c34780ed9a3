package journeys_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/internal/browser"
	"kindward/internal/document"
	"kindward/internal/sitetest"
)

// joining is an organization that joins, and how its answers are typed: a label with a text, the name of a field with a
// date, or the name of a choice with its value.
type joining struct {
	kind, state, name string
	number            string
	steps             [][][2]string
	documents         []string
	offers            func(t *testing.T, v *browser.Tab)
	service           string // that its first patient books
	zip               string
}

var date = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

// answers types what a page asks.
func answers(v *browser.Tab, all [][2]string) {
	for _, a := range all {
		switch name, value := a[0], a[1]; {
		case date.MatchString(value):
			browser.Eval[bool](v, `(document.getElementById("`+name+`").value = "`+value+`", true)`)
		case strings.ToLower(name) == name:
			v.PressAt(`input[name="` + name + `"][value="` + value + `"]`)
		default:
			v.Type(name, value)
		}
	}
}

// joiner is somebody new with a second step, as whoever works at an organization has one.
func joiner(t *testing.T, site *sitetest.Site, name string) *sitetest.Person {
	t.Helper()
	p, email := site.Person(t), site.NewEmail(name)
	goes := func(path string, fields ...string) sitetest.Answer {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		a := p.Post(t, path, form)
		if a.Status >= http.StatusBadRequest {
			t.Fatalf("%s is answered with %d\n%s", path, a.Status, a.Body)
		}
		return a
	}
	goes("/sign-up", "name", name, "email", email, "password", "three-ferries-at-dawn")
	code := regexp.MustCompile(`\b\d{3} ?\d{3}\b`).FindString(site.Email(t, email, "code").Text)
	goes("/sign-up/code", "code", code)
	goes("/account/second-factor")
	page := p.Get(t, "/account/second-factor").Body
	secret := regexp.MustCompile(`class="ref[^>]*>([A-Z2-7 ]{16,})<`).FindStringSubmatch(page)
	if secret == nil {
		t.Fatal("no app can be set up\n" + page)
	}
	goes("/account/second-factor/confirmation", "code", appCode(t, strings.ReplaceAll(secret[1], " ", "")))
	return p
}

// applies goes from /join until the application is sent.
func (j joining) applies(t *testing.T, v *browser.Tab) {
	t.Helper()
	v.Go("/join")
	v.Choose(j.kind)
	v.Select("State", j.state)
	v.Type("Organization NPI", j.number)
	v.Press("Begin the application")
	v.Sees("It is your turn: Your organization")
	at := v.Path()
	for _, step := range j.steps {
		v.Press("Go on")
		answers(v, step)
		v.Press("Save and continue")
		v.Sees("Saved.")
	}
	v.Press("Go on: Documents")
	for _, label := range j.documents {
		if strings.Contains(label, "insurance") {
			answers(v, [][2]string{{"expires-insurance", "2031-01-01"}})
		}
		j.sends(v, label)
		v.Sees("We have “" + label + "”.")
	}
	v.Go(at)
	v.Press("Go on: Contract")
	v.Type("Your full name", "Ada Medeiros")
	v.Type("Your title", "Owner")
	v.Choose("I may sign for")
	v.Press("Sign the contract")
	v.Sees("The contract is signed.")
	for end := time.Now().Add(time.Minute); !strings.Contains(v.Text(), "Go on: Check and send"); {
		if time.Sleep(time.Second); time.Now().After(end) {
			t.Fatal("registers do not answer:\n" + v.Text())
		}
		if !script(v) {
			v.Reload()
		}
	}
	v.Press("Go on: Check and send")
	v.Choose("Yes, it is, and I may say so")
	v.Type("Your full name", "Ada Medeiros")
	v.Press("Send the application")
	v.Sees("Your application is sent")
}

// sends chooses a file and sends it.
func (j joining) sends(v *browser.Tab, label string) {
	raw := base64.StdEncoding.EncodeToString(document.Sample(j.name + label))
	browser.Eval[bool](v, `((raw, label) => {
		const form = [...document.querySelectorAll("section")].find((s) => s.textContent.includes(label)).querySelector("form");
		const chosen = new DataTransfer();
		chosen.items.add(new File([Uint8Array.from(atob(raw), (c) => c.charCodeAt(0))], "scan.pdf"));
		form.querySelector("[type=file]").files = chosen.files;
		return true;
	})("`+raw+`", "`+label+`")`)
	v.Press("Send: " + label)
}

var (
	acceptance = regexp.MustCompile(`action="(/ops/onboarding/[^"]+/acceptance)"`)
	queued     = regexp.MustCompile(`<a href="(/ops/onboarding/[0-9a-f-]{36})">([^<]+)</a>`)
)

// reviewed lets a reviewer accept its documents and approve it.
func (j joining) reviewed(t *testing.T, rita *sitetest.Person) {
	t.Helper()
	at := ""
	for _, row := range queued.FindAllStringSubmatch(rita.Get(t, "/ops/onboarding").Body, -1) {
		if strings.Contains(row[2], j.name) {
			at = row[1]
		}
	}
	posts := func(path string, form url.Values) {
		t.Helper()
		if a := rita.Post(t, path, form); a.Status != http.StatusSeeOther {
			t.Fatalf("%s is answered with %d\n%s", path, a.Status, a.Body)
		}
	}
	posts(at+"/claim", nil)
	for _, path := range acceptance.FindAllStringSubmatch(rita.Get(t, at).Body, -1) {
		posts(path[1], nil)
	}
	posts(at+"/approval", url.Values{"because": {"The differences are typing."}, "countersignature": {"Rita Amato"}})
}

// first is its first patient: they find it, take a time and book it.
func (j joining) first(t *testing.T, maya *sitetest.Person, slug string) {
	t.Helper()
	search := "/search?" + url.Values{"reason": {j.service}, "near": {j.zip}}.Encode()
	listing := regexp.MustCompile("/places/" + slug + "/listings/[0-9a-f-]{36}/times")
	times := ""
	for end := time.Now().Add(time.Minute); times == ""; times = listing.FindString(maya.Get(t, search).Body) {
		if time.Sleep(200 * time.Millisecond); time.Now().After(end) {
			t.Fatalf("%s is not among the results of %s", j.name, search)
		}
	}
	booking := maya.Book(t, maya.Hold(t, times))
	if a := maya.Get(t, booking); !strings.Contains(a.Body, j.name) {
		t.Errorf("the appointment is not at %s: %d", j.name, a.Status)
	}
}

// joins is the whole way, as one person goes it in a browser; what whoever reviews and the first patient do goes over
// HTTP, as it is the same for every kind.
func (j joining) joins(t *testing.T, way ...func(*browser.Options)) {
	site := sitetest.Open(t)
	ada := joiner(t, site, "Ada Medeiros")
	v := site.Visit(t, append(way, ada.Browser(t))...)
	j.applies(t, v)
	j.reviewed(t, site.SignedIn(t, "reviewer@example.test"))
	if !script(v) {
		v.Reload()
	}
	for end := time.Now().Add(time.Minute); !strings.Contains(v.Text(), "is on Kindward"); {
		if time.Sleep(500 * time.Millisecond); time.Now().After(end) {
			t.Fatal("it is not made:\n" + v.Text())
		}
		if !script(v) {
			v.Reload()
		}
	}
	v.Press("What is left until patients can book")
	slug := strings.Split(v.Path(), "/")[2]
	j.offers(t, v)
	j.first(t, site.SignedIn(t, "maya@example.test"), slug)
	sitetest.Silent(t, v)
}

// hours are those of a working week, which the page of hours proposes, for the one service that there is.
func hours(v *browser.Tab, whose string) {
	v.Press("Add hours")
	v.Select("With whom?", whose)
	v.PressAt(`input[name="service"]`)
	v.Select("From", "8 am")
	v.Select("To", "4 pm")
	v.Press("Let patients book")
}

func Test31AClinicInRhodeIslandJoinsInABrowserAndHasItsFirstPatient(t *testing.T) {
	joining{kind: "Clinic", state: "Rhode Island", name: "Misquamicut Family Practice", number: "1457300014",
		steps: [][][2]string{
			{{"Legal name", "Misquamicut Family Practice PC"}, {"Name that patients know", "Misquamicut Family Practice"},
				{"Phone number", "401 555 0161"}, {"Work email", "office@misquamicut.example"},
				{"Who we can ask", "Ada Medeiros, owner"}},
			{{"Street and number", "12 Canal Street"}, {"City or town", "Westerly"}, {"ZIP code", "02891"},
				{"more_locations", "no"}},
			{{"Medical director", "Joel Brandt MD"}, {"Medical director's NPI", "1245319599"}, {"director_born", "1968-11-30"},
				{"practitioner_owned", "yes"}, {"tests", "no"}},
		}, documents: []string{"Certificate of liability insurance", "Form W-9"}, service: "Skin check", zip: "02891",
		offers: func(t *testing.T, v *browser.Tab) {
			v.Press("Add a practitioner")
			v.Type("Name", "Dr. Joel Brandt")
			v.Type("What they do", "Family doctor")
			v.PressAt("main form button[type=submit]")
			v.Press("Add a service")
			v.Select("Service", "Skin check")
			v.Select("How long", "30")
			v.Type("Price", "120")
			v.PressAt(`input[name="mode"][value="clinic"]`)
			v.PressAt("main form button[type=submit]")
			hours(v, "Dr. Joel Brandt")
			v.Sees("Patients can book")
		}}.joins(t, func(o *browser.Options) { o.Width = 1440 })
}

func Test31ALaboratoryInMassachusettsJoinsOnAPhoneWithoutScripts(t *testing.T) {
	joining{kind: "Diagnostic lab", state: "Massachusetts", name: "Shawsheen Laboratory", number: "1457300022",
		steps: [][][2]string{
			{{"Legal name", "Shawsheen Laboratory Inc"}, {"Name that patients know", "Shawsheen Laboratory"},
				{"Phone number", "978 555 0162"}, {"Work email", "office@shawsheen.example"},
				{"Who we can ask", "Ada Medeiros, owner"}},
			{{"Street and number", "40 Main Street"}, {"City or town", "Blackstone"}, {"ZIP code", "01504"},
				{"more_locations", "no"}},
			{{"CLIA number", "22D0650331"}, {"certificate", "waiver"}, {"Laboratory director", "Peter Lowell MD"},
				{"Laboratory director's NPI", "1245319599"}, {"director_born", "1965-06-08"}, {"home_draws", "no"}},
		}, documents: []string{"Certificate of liability insurance", "Form W-9"}, service: "Vitamin D level", zip: "01504",
		offers: func(t *testing.T, v *browser.Tab) {
			v.Press("Add a service")
			v.Select("Service", "Vitamin D level")
			v.Type("Price", "60")
			v.PressAt(`input[name="mode"][value="clinic"]`)
			v.PressAt("main form button[type=submit]")
			hours(v, "The team")
			v.Sees("Patients can book")
		}}.joins(t, sitetest.Phone, sitetest.NoScript)
}
