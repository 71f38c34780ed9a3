package provider_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/offering"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// offered is an organization with a location, a practitioner and two services, all by forms of one number.
type offered struct {
	*pgtest.Clinic
	olga *webtest.Person
	home string
	form string
}

func offeredBy(t *testing.T, site *webtest.Site, form string) offered {
	t.Helper()
	c, olga := founded(t, site, "clinic")
	o := offered{c, olga, webtest.Workplace(c), form}
	o.sends("/locations", "name", "Main", "street", "1 Main St", "zip", "02906")
	o.sends("/practitioners", "name", "Ana", "specialty", "Skin doctor", "language", "en")
	o.sends("/services", "reason", "C09", "mode", "clinic")
	o.sends("/services", "reason", "C09", "mode", "video")
	return o
}

func (o offered) sends(to string, fields ...string) {
	o.olga.T.Helper()
	o.olga.Post(o.home+to, append([]string{"form", o.form}, fields...)...).Goes(o.home + "/listings")
}

func (o offered) hours(mode string, day int) webtest.Answer {
	o.olga.T.Helper()
	return o.hoursOf(o.service(mode), day)
}

func (o offered) hoursOf(service string, day int) webtest.Answer {
	o.olga.T.Helper()
	page := o.olga.Get(o.home + "/hours/new")
	return o.olga.Post(o.home+"/hours", "form", uuid.NewString(), "practitioner", optionOf(page, "Ana"), "location",
		optionOf(page, "Main"), "service", service, "day", strconv.Itoa(day), "from", "540", "to", "720")
}

func (o offered) service(mode string) string {
	return pgtest.Value[string](o.olga.T, o.Clinic, "select id::text from service where visit_mode = $1", mode)
}

// booked is when what can be booked, of each kind of visit.
func (o offered) booked() string {
	return pgtest.Value[string](o.olga.T, o.Clinic, `select string_agg(s.visit_mode || ' ' || r.weekday, ', '
		order by r.weekday, s.visit_mode) from offering o join service s on s.id = o.service_id
		join schedule_rule r on r.schedule_id = o.schedule_id where o.live`)
}

func Test310WhatIsOfferedIsWhatEachFormSaid(t *testing.T) {
	site := webtest.Open(t)
	o := offeredBy(t, site, uuid.NewString())
	t.Run("a form that is sent again with other words adds what they say", func(t *testing.T) {
		o.sends("/locations", "name", "Second", "street", "2 Main St", "zip", "02906")
		o.sends("/practitioners", "name", "Ben", "specialty", "Skin doctor", "language", "en")
		for range 2 { // and with the same words nothing
			o.sends("/practitioners", "name", "Cleo", "specialty", "Skin doctor", "language", "en")
		}
		if got := pgtest.Value[string](t, o.Clinic, `select (select count(*) from location) || ' ' ||
			(select count(*) from practitioner) || ' ' || (select count(*) from service)`); got != "2 3 2" {
			t.Errorf("locations, practitioners and services: %s", got)
		}
	})
	t.Run("hours of one service let nobody book another", func(t *testing.T) {
		o.hours("clinic", 1).Goes(o.home + "/listings")
		o.hours("video", 2).Goes(o.home + "/listings")
		if got := o.booked(); got != "clinic 1, video 2" {
			t.Error(got)
		}
	})
	t.Run("nor once hours are taken away and others added", func(t *testing.T) {
		for _, id := range []string{"clinic", "video"} {
			o.olga.Post(o.home + "/hours/" + pgtest.Value[string](t, o.Clinic, `select o.schedule_id::text from offering o
				join service s on s.id = o.service_id where s.visit_mode = $1`, id) + "/removal").Goes(o.home + "/listings")
		}
		o.hours("clinic", 3).Goes(o.home + "/listings")
		if got := o.booked(); got != "clinic 3" {
			t.Error(got)
		}
	})
	t.Run("hours of several forms at once are all there", func(t *testing.T) {
		var all sync.WaitGroup
		video := o.service("video")
		for day := range 5 {
			all.Go(func() {
				if a := o.hoursOf(video, day); a.Status != http.StatusSeeOther {
					t.Errorf("day %d: %d", day, a.Status)
				}
			})
		}
		all.Wait()
		if got := o.booked(); got != "video 0, video 1, video 2, clinic 3, video 3, video 4" {
			t.Error(got)
		}
	})
	t.Run("whoever saw times before holds none of them once hours are others", func(t *testing.T) {
		const version = `select o.schedule_version from offering o join service s on s.id = o.service_id
			where s.visit_mode = 'clinic'`
		before := pgtest.Value[int64](t, o.Clinic, version)
		o.hours("clinic", 5).Goes(o.home + "/listings")
		more := pgtest.Value[int64](t, o.Clinic, version)
		o.olga.Post(o.home + "/hours/" + pgtest.Value[string](t, o.Clinic, `select o.schedule_id::text from offering o
			join service s on s.id = o.service_id where s.visit_mode = 'clinic'`) + "/removal").Goes(o.home + "/listings")
		if none := pgtest.Value[int64](t, o.Clinic, version); more <= before || none <= more {
			t.Errorf("versions %d, %d with more hours, %d with none", before, more, none)
		}
	})
	t.Run("nobody offers what patients come to others for", func(t *testing.T) {
		site.Admin(t, `insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents, price_high_cents,
			prep) values ('L01', 'laboratory', 'Blood draw', '{}', 15, 1, 2, '') on conflict do nothing`)
		o.olga.Post(o.home+"/services", "form", uuid.NewString(), "reason", "L01", "minutes", "15", "price", "20").
			Has(http.StatusUnprocessableEntity, "Choose what patients come for")
	})
}

// listed are how many listings of an organization the market has.
func (o offered) listed() int64 {
	return pgtest.Value[int64](o.olga.T, o.Clinic, "select count(*) from market.listing where tenant_id = $1", o.ID)
}

// Ids of locations, practitioners and services stand in public pages, and the id of a listing follows from them.
func TestA69NobodyTakesTheIDOfAnothersListingBeforehand(t *testing.T) {
	site := webtest.Open(t)
	form := uuid.NewString()
	eve, olga := offeredBy(t, site, form), offeredBy(t, site, form)
	for _, o := range []offered{eve, olga} {
		o.hours("clinic", 1).Goes(o.home + "/listings")
		if n := o.listed(); n != 1 {
			t.Errorf("the market has %d listings", n)
		}
	}
	t.Run("negative control: where it follows from the form alone the second is refused", func(t *testing.T) {
		of := [3]uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
		first, second := eve.addWith(t, site, of), olga.addWith(t, site, of)
		if a, b := eve.listed(), olga.listed(); first != nil || tenancy.Code(second) != "42501" || a != 2 || b != 1 {
			t.Errorf("%v, %v; the market has %d and %d", first, second, a, b)
		}
	})
}

// addWith offers a service by ids that somebody chose.
func (o offered) addWith(t *testing.T, site *webtest.Site, of [3]uuid.UUID) error {
	t.Helper()
	scope := site.Gateway.Admit(o.Tenant, tenancy.Caller{})
	return site.Gateway.Within(t.Context(), scope, func(q *tenantdb.Queries) error {
		ctx := t.Context()
		err := offering.AddLocation(ctx, q, o.Tenant, tenantdb.AddLocationParams{ID: of[0], Name: "Main", Street: "1 Main St",
			City: "Providence", State: "RI", ZIP: "02906", Lat: 41.8, Lon: -71.4, Zone: "America/New_York"}, 0)
		if err != nil {
			return err
		}
		if err := offering.AddPractitioner(ctx, q, offering.Practitioner{ID: of[1], Name: "Ana", Specialty: "Skin doctor",
			Languages: []string{"en"}}); err != nil {
			return err
		}
		if err := offering.AddService(ctx, q, offering.Service{ID: of[2], Reason: "C09", Name: "A skin check", Minutes: 20,
			VisitMode: "clinic"}); err != nil {
			return err
		}
		return offering.AddHours(ctx, q, o.Tenant, offering.Hours{Location: of[0], Practitioner: &of[1],
			Services: of[2:], Weekdays: []time.Weekday{time.Monday}, From: 540, To: 720}, time.Now())
	})
}

func TestAnOrganizationOffersAsMuchAsOthersHaveRoomFor(t *testing.T) {
	site := webtest.Open(t)
	o := offeredBy(t, site, uuid.NewString())
	o.SQL(t, `insert into location (id, name, street, city, state, zip, lat, lon, zone) select gen_random_uuid(), 'L' || n,
		l.street, l.city, l.state, l.zip, l.lat, l.lon, l.zone from location l, generate_series(2, 499) n`)
	number := func(of string) int { return pgtest.Value[int](t, o.Clinic, "select count(*) from "+of) }
	add := func(name string) {
		o.sends("/locations", "name", name, "street", "2 Main St", "zip", "02906")
	}
	add("The last")
	o.olga.Get(o.home+"/listings").Has(http.StatusOK, "The last is there now.")
	add("One more")
	o.olga.Get(o.home+"/listings").Has(http.StatusOK, "One more was not added", "as many as an organization may have")
	o.sends("/practitioners", "name", "Ben", "specialty", "Skin doctor", "language", "en") // control: another kind
	if number("location") != 500 || number("practitioner") != 2 {
		t.Errorf("%d locations, %d practitioners", number("location"), number("practitioner"))
	}
}

func TestHoursThatCannotBeAreRefusedEachForWhatIsWrongAlone(t *testing.T) {
	site := webtest.Open(t)
	o := offeredBy(t, site, uuid.NewString())
	laboratory, lena := founded(t, site, "laboratory")
	right := map[string]string{"practitioner": pgtest.Value[string](t, o.Clinic, "select id::text from practitioner"),
		"location": pgtest.Value[string](t, o.Clinic, "select id::text from location"), "service": o.service("clinic"),
		"day": "1", "from": "540", "to": "720"}
	send := func(who *webtest.Person, home, field, value string) webtest.Answer {
		form := []string{"form", uuid.NewString()}
		for name, is := range right {
			if name == field {
				is = value
			}
			form = append(form, name, is)
		}
		return who.Post(home+"/hours", form...)
	}
	for _, wrong := range [][3]string{{"practitioner", "", "Choose who gives"}, {"from", "-30", "Choose when the"},
		{"from", "545", "Choose when the"}, {"to", "1470", "Choose when they"}, {"to", "540", "end before they begin"},
		{"to", "510", "end before they begin"}} {
		send(o.olga, o.home, wrong[0], wrong[1]).Has(http.StatusUnprocessableEntity, wrong[2])
	}
	send(lena, webtest.Workplace(laboratory), "", "").Has(http.StatusUnprocessableEntity, "Choose who gives")
	if n := pgtest.Value[int](t, o.Clinic, "select count(*) from schedule"); n != 0 {
		t.Errorf("%d schedules", n)
	}
	send(o.olga, o.home, "", "").Goes(o.home + "/listings") // control
}
