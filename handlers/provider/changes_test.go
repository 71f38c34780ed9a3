package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

// listing is how the market has the offering of a clinic.
func listing(t *testing.T, c *pgtest.Clinic, column string) string {
	t.Helper()
	return pgtest.Value[string](t, c, "select "+column+" from market.listing where id = $1", c.OfferingID)
}

func Test310WhatNobodyVouchesForIsLiveAtOnceAndTheRestWhenItIsReviewed(t *testing.T) {
	site := webtest.Open(t)
	c, alice, rita := site.NewClinic(t), (*webtest.Person)(nil), site.Staff(t, "Rita", "reviewer")
	alice = site.Member(t, c, "Alice Owner", "owner")
	home := webtest.Workplace(c)
	page := home + "/locations/" + c.Location.String()
	alice.Get(home+"/listings").Has(http.StatusOK, page, home+"/services/"+c.Service.String())
	alice.Get(page).Has(http.StatusOK, `value="1 Test St"`, `value="02906"`)
	alice.Post(page, "name", "Harbor office", "street", "2 Pier St", "zip", "02906", "phone", "401-555-0142",
		"directions", "Ring twice").Goes(home + "/listings")
	if got := listing(t, c, "location_name || ', ' || street"); got != "Harbor office, 1 Test St" {
		t.Errorf("the market has %q", got)
	}
	alice.Get(page).Has(http.StatusOK, "Waiting for review since", "2 Pier St", "now: 1 Test St", "Ring twice")
	alice.Get(home+"/listings").Has(http.StatusOK, "Waiting for review since")
	queue := rita.Get("/ops/changes")
	queue.Has(http.StatusOK, "for us.", "2 Pier St", "now: 1 Test St", c.Name)
	change := pgtest.One[uuid.UUID](t, site.DB, "select id from onboarding.change where tenant_id = $1", c.ID).String()
	of := "/ops/changes/" + change
	part := rita.HTMX().Post(of+"/refusal", "reason-"+change, "no")
	part.Has(http.StatusUnprocessableEntity, "Say in a sentence why", ">no</textarea>")
	part.IsPart("change-" + change)
	for _, who := range []*webtest.Person{alice, site.Staff(t, "Sam", "support")} {
		if got := who.Post(of + "/acceptance"); got.Status < 400 {
			t.Errorf("%s accepts: %d", who.Name, got.Status)
		}
	}
	rita.Post(of + "/acceptance").Goes("/ops/changes")
	rita.Post(of + "/acceptance").Has(http.StatusConflict)
	if got := listing(t, c, "location_name || ', ' || street"); got != "Harbor office, 2 Pier St" {
		t.Errorf("the market has %q", got)
	}
	alice.Get(page).Has(http.StatusOK, `value="2 Pier St"`, "Accepted ")
	alice.Get(home+"/access-log?action=listings").Has(http.StatusOK, "asked to change what has to be reviewed",
		"accepted what was asked to be changed", "changed what is said of a location")
}

func Test310AChangeIsReplacedWithdrawnAndRefusedWithAReason(t *testing.T) {
	site := webtest.Open(t)
	c, rita := site.NewClinic(t), site.Staff(t, "Rita", "reviewer")
	alice := site.Member(t, c, "Alice Owner", "owner")
	home := webtest.Workplace(c)
	page := home + "/practitioners/" + c.Practitioner.String()
	save := func(name, npi string) webtest.Answer {
		return alice.Post(page, "name", name, "specialty", "Skin doctor", "npi", npi, "language", "en", "language", "pt",
			"gender", "female", "age_from", "18", "age_to", "")
	}
	save("Dr. One", "").Goes(home + "/listings")
	save("Dr. Two", "1234567893").Goes(home + "/listings")
	if got := listing(t, c, "practitioner || ', ' || specialty || ', ' || array_to_string(languages, '+') || age_from"); got !=
		"Dr. Test, Skin doctor, en+pt18" {
		t.Errorf("the market has %q", got)
	}
	alice.Get(page).Has(http.StatusOK, "Dr. Two", "now: Dr. Test", "1234567893", "now: nothing")
	waits := func() string {
		return pgtest.One[uuid.UUID](t, site.DB, `select id from onboarding.change where tenant_id = $1
			and status = 'waiting'`, c.ID).String() // one: more than one is an error
	}
	withdrawal := home + "/changes/" + waits() + "/withdrawal"
	if got := site.Charlie(t).Post(withdrawal); got.Status != http.StatusNotFound {
		t.Errorf("Charlie: %d", got.Status)
	}
	charlies := webtest.Workplace(site.Other()) + "/changes/" + waits() + "/withdrawal"
	site.Charlie(t).Post(charlies).Has(http.StatusNotFound)
	alice.Post(withdrawal).Goes(page)
	alice.Post(withdrawal).Has(http.StatusNotFound)
	alice.Get(page).Lacks("Waiting for review since")
	save("Dr. Three", "").Goes(home + "/listings")
	change := waits()
	rita.Post("/ops/changes/"+change+"/refusal", "reason-"+change, "The register has another name.").Goes("/ops/changes")
	alice.Get(page).Has(http.StatusOK, "Refused ", "The register has another name.")
	if got := listing(t, c, "practitioner"); got != "Dr. Test" {
		t.Errorf("the market has %q", got)
	}
}

func Test310OfTwoChangesOfOneSubjectBothWaitAndNothingThatIsTypedIsLostWithoutAWord(t *testing.T) {
	site := webtest.Open(t)
	c, rita := site.NewClinic(t), site.Staff(t, "Rita", "reviewer")
	alice := site.Member(t, c, "Alice Owner", "owner")
	home := webtest.Workplace(c)
	page := home + "/practitioners/" + c.Practitioner.String()
	save := func(name string, more ...string) webtest.Answer {
		return alice.Post(page, append([]string{"name", name, "specialty", "Skin doctor", "language", "en", "gender", ""},
			more...)...)
	}
	save("Dr. Two").Goes(home + "/listings")
	save("Dr. Test", "valid_until", "2030-01-31", "evidence", "The state's new card.").Goes(home + "/listings")
	alice.Get(page).Has(http.StatusOK, "Dr. Two", "31 January 2030")
	change := pgtest.One[uuid.UUID](t, site.DB, `select id from onboarding.change where tenant_id = $1
		and status = 'waiting'`, c.ID).String()
	rita.Get("/ops/changes").Has(http.StatusOK, "Dr. Two", "31 January 2030", "The state&#39;s new card.")
	save("Dr. Test", "valid_until", "", "license", "MD-1").Has(http.StatusUnprocessableEntity,
		"Enter the new last day", `value="MD-1"`)
	rita.Post("/ops/changes/" + change + "/acceptance").Goes("/ops/changes")
	if got := pgtest.Value[string](t, c, "select name || ', ' || valid_until::date from practitioner"); got !=
		"Dr. Two, 2030-01-31" {
		t.Errorf("accepted: %s", got)
	}
	save("Dr. Two", "valid_until", "").Has(http.StatusUnprocessableEntity, "It was 31 January 2030")
	save("Dr. Two").Goes(home + "/listings") // control: a form without the field
}

func Test310WhatIsWrongInAChangeIsSaidAndWhatWasTypedStays(t *testing.T) {
	site := webtest.Open(t)
	c := site.NewClinic(t)
	alice := site.Member(t, c, "Alice Owner", "owner")
	home := webtest.Workplace(c)
	location, practitioner, service := home+"/locations/"+c.Location.String(),
		home+"/practitioners/"+c.Practitioner.String(), home+"/services/"+c.Service.String()
	alice.Get(service).Has(http.StatusOK, `value="$140"`)
	part := alice.HTMX().Post(location, "name", "Main <1>", "street", "", "zip", "99999", "valid_until", "soon")
	part.Has(http.StatusUnprocessableEntity, "Enter the street", "Enter a ZIP code of the region",
		"Enter the last day, like 2027-01-31", `value="Main &lt;1&gt;"`)
	part.IsPart("new-location")
	alice.Post(location, "name", "Main", "street", "1 Test St", "zip", "02906", "valid_until", "2030-01-31").Has(
		http.StatusUnprocessableEntity, "Say what shows the new last day", `value="2030-01-31"`)
	alice.Post(practitioner, "name", "Ana", "specialty", "", "gender", "x", "age_from", "40", "age_to", "4").Has(
		http.StatusUnprocessableEntity, "Enter what they do", "Choose one of them", "The oldest is younger",
		"Choose at least one language", `value="Ana"`)
	alice.Post(service, "minutes", "7", "price", "1.5", "mode", "").Has(http.StatusUnprocessableEntity, "Choose how long",
		"in whole dollars", "Choose where", `value="1.5"`)
	if n := pgtest.One[int](t, site.DB, "select count(*) from onboarding.change where tenant_id = $1", c.ID); n != 0 {
		t.Errorf("%d changes came of it", n)
	}
	for _, page := range []string{location, practitioner, service} {
		site.Member(t, c, "Bob", "front_desk").Get(page).Has(http.StatusForbidden)
		theirs := strings.Replace(page, c.Slug, site.Other().Slug, 1)
		site.Charlie(t).Get(theirs).Has(http.StatusNotFound)
		site.Charlie(t).Post(theirs, "name", "Mine").Has(http.StatusNotFound)
	}
	alice.Post(service, "minutes", "30", "price", "150", "mode", "video").Goes(home + "/listings")
	if got := listing(t, c, "price_cents || ' ' || visit_mode"); got != "15000 video" {
		t.Errorf("the market has %q", got)
	}
	alice.Get(home+"/listings").Has(http.StatusOK, "30 minutes, by video, $150")
}

func Test33ALicenseThatEndsBoundsWhatIsFreeAndARenewalOpensItAgain(t *testing.T) {
	site := webtest.Open(t)
	c, rita := site.NewClinic(t), site.Staff(t, "Rita", "reviewer")
	alice := site.Member(t, c, "Alice Owner", "owner")
	visit := site.Visit(t, c, 9)
	last, err := civil.ParseDate(visit.Day)
	if err != nil {
		t.Fatal(err)
	}
	c.SQL(t, "update practitioner set valid_until = $1", last.AddDays(-1).Start(time.UTC))
	c.Publish(t)
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	times := "/places/" + c.Slug + "/listings/" + c.OfferingID.String() + "/times?week=" + visit.Day
	free := func() (n int) {
		for _, start := range site.Visitor(t).Get(times).Starts() {
			if at, err := time.Parse(time.RFC3339, start); err == nil &&
				!civil.DateOf(at.In(civil.ZoneOrUTC(c.Zone))).Before(last) {
				n++
			}
		}
		return n
	}
	if n := free(); n != 0 {
		t.Errorf("%d times are free after the last day", n)
	}
	home := webtest.Workplace(c)
	alice.Get(home+"/listings").Has(http.StatusOK, "Dr. Test: license ends "+last.AddDays(-1).Text(), "renew it",
		"1 visit at risk", "Dr. Test’s license ends before.")
	page := home + "/practitioners/" + c.Practitioner.String()
	alice.Post(page, "name", "Dr. Test", "specialty", "Family doctor", "language", "en", "gender", "female",
		"valid_until", last.AddDays(400).String(), "evidence", "The state has sent the new card.").Goes(home + "/listings")
	if n := free(); n != 0 {
		t.Errorf("%d times are free before anybody looked", n)
	}
	change := pgtest.One[uuid.UUID](t, site.DB, "select id from onboarding.change where tenant_id = $1", c.ID).String()
	rita.Get("/ops/changes").Has(http.StatusOK, "Last day of the license", "The state has sent the new card.")
	rita.Post("/ops/changes/" + change + "/acceptance").Goes("/ops/changes")
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if free() == 0 {
		t.Error("nothing is free after the renewal")
	}
	alice.Get(home + "/listings").Lacks("at risk")
}

func TestAZIPCodeThatTheRegionDoesNotListIsTakenWithItsTown(t *testing.T) {
	site := webtest.Open(t)
	c, olga := founded(t, site, "clinic")
	home := webtest.Workplace(c)
	olga.Post(home+"/locations", "name", "Box", "street", "PO Box 1", "zip", "02901").Has(
		http.StatusUnprocessableEntity, "We do not know this ZIP code", `value="02901"`)
	olga.Post(home+"/locations", "name", "Box", "street", "PO Box 1", "zip", "02901", "town", "Providence").Goes(
		home + "/listings")
	olga.Get(home+"/listings").Has(http.StatusOK, "PO Box 1, Providence, RI 02901")
}
