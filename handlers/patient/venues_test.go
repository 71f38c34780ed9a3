package patient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/venue"
)

// meets lets the visits of the site's clinic happen elsewhere.
func meets(t *testing.T, site *webtest.Site, mode venue.Mode) {
	t.Helper()
	c := site.Clinic()
	c.SQL(t, `update location set area_km = $1, directions = 'Parking behind the building.', phone = '401-555-0177'`,
		map[venue.Mode]int{venue.AtHome: 10}[mode])
	c.SQL(t, `update service set visit_mode = $1, telehealth = false`, mode)
	c.Publish(t)
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := site.Market.Refresh(t.Context(), []uuid.UUID{c.OfferingID}); err != nil {
		t.Fatal(err)
	}
}

// unfolded is a calendar file with its lines put together again.
func unfolded(file string) string {
	return strings.ReplaceAll(strings.ReplaceAll(file, "\r\n ", ""), "\\,", ",")
}

var home = []string{"street", "12 Elm St", "unit", "3", "town", "Providence", "zip", "02906",
	"entry", "Code 12 at the gate", "pets", "A dog"}

func TestEveryPageAndFileSaysWhereAVisitHappensAndNothingOfAnotherPlace(t *testing.T) {
	site := webtest.Open(t)
	const street, parking, atPlace = "1 Test St", "Parking behind", "You pay at the place"
	for n, c := range []struct {
		mode      venue.Mode
		has, hasn []string
	}{
		{venue.AtClinic, []string{street, parking, atPlace, "Map"}, []string{"By video", "At your home", "am E"}},
		{venue.ByVideo, []string{"By video with Test clinic", "You pay Test clinic", "am E"}, []string{street, parking,
			atPlace, "Map"}},
		{venue.ByPhone, []string{"By phone with Test clinic", "calls you", "am E"}, []string{street, parking, atPlace}},
		{venue.AtHome, []string{"At your home", "Test clinic comes to you."}, []string{street, parking, atPlace, "office"}},
	} {
		meets(t, site, c.mode)
		maya := site.Person(t, "Maya") // one account books few visits on a day
		maya.Get("/search?reason=skin+check&near=02906")
		hold := maya.Hold(n)
		form := append(webtest.Details(), "key", maya.Get(hold).Field("key"))
		if c.mode == venue.AtHome {
			form = append(form, home...)
		}
		held := maya.Get(hold)
		booked := maya.Post(hold+"/confirmation", form...).Location
		if booked == "" {
			t.Fatalf("%s: not booked", c.mode)
		}
		page, list := maya.Get(booked), maya.Get("/bookings").Text()
		file := unfolded(maya.Get(booked + "/calendar.ics").Body)
		for what, text := range map[string]string{"hold": held.Text(), "page": page.Text()} {
			for _, s := range c.has {
				if !strings.Contains(text, s) {
					t.Errorf("%s, %s lacks %q: %s", c.mode, what, s, text)
				}
			}
			for _, s := range c.hasn {
				if strings.Contains(text, s) {
					t.Errorf("%s, %s has %q", c.mode, what, s)
				}
			}
		}
		at := venue.Where{Mode: c.mode, Organization: "Test clinic", Street: street, Town: "Providence, RI 02906"}.Line()
		if !strings.Contains(list, at[1:]) || !strings.Contains(file, "LOCATION:"+at) {
			t.Errorf("%s: %q is not in the list or the file: %s", c.mode, at, file)
		}
		if c.mode != venue.AtClinic && strings.Contains(file, street) {
			t.Errorf("%s: the file says the street: %s", c.mode, file)
		}
	}
}

func TestAVisitAtHomeHasAnAddressInTheAreaBeforeItsTimeIsHeldAndUntilTheCutOff(t *testing.T) {
	site := webtest.Open(t)
	site.DB.Admin(t, `insert into market.zip_code (zip, town, state, lat, lon) values ('02840', 'Newport', 'RI', 41.49, -71.31)
		on conflict do nothing`)
	meets(t, site, venue.AtHome)
	maya, charlie := site.Person(t, "Maya"), site.Person(t, "Charlie")
	start := maya.Get(site.Times() + "?week=" + site.Day(9)).Starts()[0]
	asked := maya.HoldAt(start)
	asked.Goes(site.Times() + "?week=" + start[:len(time.DateOnly)])
	p := maya.Get(asked.Location)
	p.Has(http.StatusOK, "Where is the home? Say its town or ZIP below, then take ", "Town or ZIP of the home")
	p.Lacks("There is a problem")
	maya.Get(site.Times()+"?near=02840").Has(http.StatusOK, "They do not come to Newport 02840")
	if held := pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment`); held != 0 {
		t.Errorf("%d times are held for nowhere", held)
	}
	maya.Get(site.Times()+"?near=02906").Has(http.StatusOK, "They come to Providence 02906")
	hold := maya.HoldAt(start).Location
	if hold == "" {
		t.Fatal("negative control: nothing is held in the area either")
	}
	page := maya.Get(hold)
	if page.Field("zip") != "02906" || page.Field("town") != "Providence" {
		t.Errorf("the place searched from is asked again: %q %q", page.Field("town"), page.Field("zip"))
	}
	form := append(webtest.Details(), "key", page.Field("key"))
	maya.Post(hold+"/confirmation", form...).Has(http.StatusUnprocessableEntity, "Enter the house number and the street")
	far := append(append([]string{}, form...), home...)
	for i := range far {
		if far[i] == "02906" {
			far[i] = "02840"
		}
	}
	maya.Post(hold+"/confirmation", far...).Has(http.StatusUnprocessableEntity, "02840 is too far")
	lives := func(town string, more ...string) webtest.Answer {
		return maya.Post(hold+"/confirmation", append(append(form[:len(form):len(form)], "street", "12 Elm St", "town", town,
			"zip", "02906"), more...)...)
	}
	other := lives("Newport")
	other.Has(http.StatusUnprocessableEntity, "02906 is in Providence, RI. Correct the town or the ZIP", "12 Elm St")
	other.Lacks("is right for")
	lives("Fox Point").Has(http.StatusUnprocessableEntity, "“Fox Point” is right for 02906")
	lives("Wayland", "keep-town", "Fox Point 02906").Has(http.StatusUnprocessableEntity, "“Wayland” is right for 02906")
	booked := maya.Post(hold+"/confirmation", append(form, home...)...).Location
	maya.Get(booked).Has(http.StatusOK, "12 Elm St, 3, Providence, RI 02906", "Getting in: Code 12 at the gate")
	t.Run("whoever has told where they live is not asked for it", func(t *testing.T) {
		for zip, street := range map[string]string{"02906-1234": "8 Oak St", "02840": ""} {
			nina := site.Person(t, "Nina")
			nina.Post("/account/profile", "name", "Nina", "street", "8 Oak St", "zip", zip).Goes("/account")
			nina.Get(site.Times() + "?near=02906")
			at := maya.Get(site.Times() + "?week=" + site.Day(9)).Starts()[5]
			if got := nina.Get(nina.HoldAt(at).Location).Field("street"); got != street {
				t.Errorf("who lives in %s begins with %q", zip, got)
			}
		}
	})
	t.Run("it is offered again", func(t *testing.T) {
		if again := maya.Get(maya.HoldAt(maya.Get(site.Times() + "?week=" + site.Day(9)).Starts()[3]).Location); again.Field(
			"street") != "12 Elm St" || again.Field("pets") != "A dog" {
			t.Errorf("street %q, pets %q", again.Field("street"), again.Field("pets"))
		}
	})
	t.Run("it changes until the cut-off, by its owner alone", func(t *testing.T) {
		other := []string{"street", "9 Hope St", "town", "Providence", "zip", "02906"}
		if p := charlie.Post(booked+"/address", other...); p.Status != http.StatusNotFound {
			t.Errorf("Charlie can't: %d", p.Status)
		}
		maya.Get(booked+"/address").Has(http.StatusOK, "12 Elm St")
		maya.Post(booked+"/address", "street", "9 Hope St", "town", "Newport", "zip",
			"02840").Has(http.StatusUnprocessableEntity, "too far")
		maya.Post(booked+"/address", other...)
		maya.Get(booked).Has(http.StatusOK, "9 Hope St, Providence, RI 02906")
		maya.Post(booked+"/address", "street", "8 Hope St", "town", "Newport", "zip", "02906").Has(
			http.StatusUnprocessableEntity, "02906 is in Providence, RI")
		maya.Post(booked+"/address", "street", "8 Hope St", "town", "Fox Point", "zip", "02906", "keep-town",
			"Fox Point 02906")
		maya.Get(booked).Has(http.StatusOK, "8 Hope St, Fox Point, RI 02906")
		for range 28 { // each is a row for good, and news to everybody whose list shows the visit
			maya.Post(booked+"/address", other...)
		}
		maya.Post(booked+"/address", other...).Has(http.StatusTooManyRequests, "You have changed this often", "9 Hope St")
		site.Clinic().SQL(t, `update appointment set move_cutoff_minutes = 60 * 24 * 60`)
		maya.Post(booked+"/address", home...)
		maya.Get(booked).Has(http.StatusOK, "9 Hope St")
	})
}
