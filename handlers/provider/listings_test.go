package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

// founded is an organization without anything that patients can book, with its owner.
func founded(t *testing.T, site *webtest.Site, kind string) (*pgtest.Clinic, *webtest.Person) {
	t.Helper()
	site.Clinic() // towns and reasons
	c := &pgtest.Clinic{DB: site.DB, Tenant: site.Tenant(t, kind, "America/New_York")}
	return c, site.Member(t, c, "Olga Owner", "owner")
}

// offers fills in the four forms, and says what each form was answered.
func offers(olga *webtest.Person, home string) {
	olga.T.Helper()
	to := home + "/listings"
	olga.Post(home+"/locations", "name", "Main Street", "street", "1 Main St", "zip", "02906", "phone", "").Goes(to)
	olga.Post(home+"/practitioners", "name", "Dr. Ana Medeiros", "specialty", "Skin doctor", "language", "en",
		"language", "pt").Goes(to)
	olga.Post(home+"/services", "reason", "C09", "price", "$120", "mode", "clinic").Goes(to)
	page := olga.Get(home + "/hours/new")
	olga.Post(home+"/hours", "form", uuid.NewString(), "practitioner", optionOf(page, "Ana Medeiros"), "location",
		optionOf(page, "Main Street"), "service", page.All("input", "name", "service")[0].Value("value"), "day", "0", "day",
		"1", "day", "2", "day", "3", "day", "4", "day", "5", "day", "6", "from", "540", "to", "1020").Goes(to)
}

// optionOf is the value of the line of a select that has a text.
func optionOf(page webtest.Answer, text string) string {
	for _, o := range page.All("option") {
		if strings.Contains(o.Text(), text) {
			return o.Value("value")
		}
	}
	return ""
}

func Test310AnOwnerSaysWhatPatientsCanBookAndTheFirstOneBooks(t *testing.T) {
	site := webtest.Open(t)
	c, olga := founded(t, site, "clinic")
	home := webtest.Workplace(c)
	olga.Get(home).Has(http.StatusOK, "Patients do not find you yet", home+"/listings")
	left := olga.Get(home + "/listings")
	left.Has(http.StatusOK, "What is left until patients can book", "Left to do, when all above is there")
	left.Lacks(home + "/hours/new")
	offers(olga, home)
	olga.Get(home+"/listings").Has(http.StatusOK, "<h1 data-fresh>Patients can book", "Main Street",
		"1 Main St, Providence, RI 02906", "20 minutes, at the location, $120", "Every day 9 am to 5 pm", "is there now.")
	olga.Get(home+"/access-log?action=listings").Has(http.StatusOK, "added a location", "added hours in which")
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	listing := pgtest.Value[uuid.UUID](t, c, "select id from offering")
	maya, place := site.Person(t, "Maya"), "/places/"+c.Slug
	starts := maya.Get(place + "/listings/" + listing.String() + "/times?week=" + site.Day(9)).Starts()
	if len(starts) == 0 {
		t.Fatal("no time is free")
	}
	hold := maya.Post(place+"/holds", "listing", listing.String(), "start", starts[0])
	maya.Get(maya.Book(hold.Location)).Has(http.StatusOK, "Dr. Ana Medeiros", "1 Main St, Providence, RI 02906")
	schedule := pgtest.Value[uuid.UUID](t, c, "select id from schedule")
	removal := home + "/hours/" + schedule.String() + "/removal"
	site.Alice(t).Post(strings.Replace(removal, c.Slug, site.Clinic().Slug, 1)).Has(http.StatusNotFound)
	olga.Post(removal).Goes(home + "/listings")
	olga.Post(removal).Has(http.StatusNotFound)
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	site.Visitor(t).Post(place+"/holds", "listing", listing.String(), "start", starts[1]).Has(http.StatusConflict)
}

func TestWhatCannotBeOfferedIsSaidAndWhatWasTypedStays(t *testing.T) {
	site := webtest.Open(t)
	c, olga := founded(t, site, "clinic")
	home := webtest.Workplace(c)
	part := olga.HTMX().Post(home+"/locations", "name", "Main <1>", "street", "", "zip", "99999")
	part.Has(http.StatusUnprocessableEntity, "Enter the street", "Enter a ZIP code of the region",
		`value="Main &lt;1&gt;"`)
	part.IsPart("new-location")
	olga.Post(home+"/practitioners", "name", "Ana", "npi", "1234567890").Has(http.StatusUnprocessableEntity,
		"Enter what they do", "An NPI has ten digits", "Choose at least one language", `value="1234567890"`)
	olga.Post(home+"/services", "reason", "H01", "price", "1.5", "minutes", "7").Has(http.StatusUnprocessableEntity,
		"Choose what patients come for", "in whole dollars", "Choose how long", "Choose where", `value="1.5"`)
	olga.Post(home+"/services", "reason", "C09", "price", "100001", "mode", "clinic").Has(
		http.StatusUnprocessableEntity, "in whole dollars")
	olga.Post(home+"/practitioners", "name", "Ana", "specialty", "Dentist", "language", "xx").Has(
		http.StatusUnprocessableEntity, "Choose at least one language")
	for _, at := range [][2]string{{"545", "600"}, {"-30", "600"}, {"540", "1470"}, {"", "600"}} {
		olga.Post(home+"/hours", "form", uuid.NewString(), "from", at[0], "to", at[1]).Has(
			http.StatusUnprocessableEntity, "Choose when the")
	}
	olga.Post(home+"/hours", "form", uuid.NewString(), "from", "600", "to", "540", "day", "9", "practitioner",
		site.Clinic().Practitioner.String(), "location", site.Clinic().Location.String(), "service",
		site.Clinic().Service.String()).Has(http.StatusUnprocessableEntity, "Choose where", "Choose who gives",
		"Choose at least one service", "Choose at least one day") // another organization's are none
	for _, who := range []*webtest.Person{site.Member(t, c, "Bob", "front_desk"), site.Member(t, c, "Cleo", "clinician")} {
		who.Get(home + "/listings").Has(http.StatusForbidden)
		who.Get(home).Lacks(home + "/listings")
		who.Post(home+"/locations", "name", "Main", "street", "1 Main St", "zip", "02906").Has(http.StatusForbidden)
	}
	site.Charlie(t).Get(home + "/listings").Has(http.StatusNotFound)
	if n := pgtest.Value[int](t, c, "select count(*) from location"); n != 0 {
		t.Errorf("%d locations came of it", n)
	}
}

func TestTheSameFormAddsOnceAndHoursOfADayAddUp(t *testing.T) {
	site := webtest.Open(t)
	c, olga := founded(t, site, "laboratory")
	home, form := webtest.Workplace(c), uuid.NewString()
	for range 2 {
		olga.Post(home+"/locations", "form", form, "name", "Main", "street", "1 Main St", "zip", "02906").
			Goes(home + "/listings")
	}
	site.Admin(t, `insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents, price_high_cents)
		values ('L01', 'laboratory', 'Blood count', '{}', 15, 2000, 6000) on conflict do nothing`)
	olga.Post(home+"/services", "reason", "L01", "mode", "clinic").Goes(home + "/listings")
	page := olga.Get(home + "/hours/new")
	page.Has(http.StatusOK, "The team, one visit at a time")
	hours := func(from, to string) {
		olga.Post(home+"/hours", "form", uuid.NewString(), "location", optionOf(page, "Main"), "service",
			page.All("input", "name", "service")[0].Value("value"), "day", "1", "from", from, "to", to).Goes(home + "/listings")
	}
	hours("540", "720")
	hours("540", "720")
	hours("780", "1020")
	olga.Get(home+"/listings").Has(http.StatusOK, "Patients can book", "None, and none is needed",
		"Monday 9 am to noon and 1 pm to 5 pm")
	got := pgtest.Value[string](t, c, `select (select count(*) from location) || ' ' || (select count(*) from schedule)
		|| ' ' || (select count(*) from schedule_rule) || ' ' || (select count(*) from offering) || ' ' ||
		(select count(*) from resource)`)
	if got != "1 1 2 1 1" {
		t.Errorf("locations, schedules, rules, offerings, resources: %s", got)
	}
}
