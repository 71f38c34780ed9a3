package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/civil"
)

// 7.5: the slot function itself says of each time why patients can book it or not.
func Test75StaffReadWhyThereIsNoTimeAndWhyThereIsOne(t *testing.T) {
	site := webtest.Open(t)
	site.Market.Busy().UpToDate(time.Now().Add(time.Hour)) // as where events are heard, and none comes
	maya, leo, desk := site.Person(t, "Maya"), site.Visitor(t), site.Bob(t, "front_desk")
	booked := webtest.IDOf(maya.Book(maya.Hold(3)))
	day := dayOf(t, site, booked)
	leo.Hold(0)
	home := webtest.Workplace(site.Clinic())
	path := home + "/availability"
	first := desk.Get(path)
	first.Has(http.StatusOK, "Why is there no time?", "What decides")
	ask := url.Values{"day": {day}}
	for _, l := range site.Market.OfTenant(site.Clinic().ID) {
		if strings.Contains(site.Times(), l.ID.String()) {
			ask.Set("service", l.ServiceID.String())
			ask.Set("with", l.PractitionerID.String())
			ask.Set("location", l.LocationID.String())
		}
	}
	page := desk.Get(path + "?" + ask.Encode())
	page.Has(http.StatusOK, "Everyone who could do it is busy then.", "visit KW-", "can book", "do not see it",
		home+"/appointments?day="+day, "#visit-"+booked.String())
	page.Lacks("Maya") // nobody's record
	t.Run("every free time is one that patients see, and the other way round", func(t *testing.T) {
		free := 0
		for _, row := range page.All("tr") {
			if strings.Contains(row.Text(), "can book") {
				free++
			}
		}
		shown := 0
		for _, start := range site.Visitor(t).Get(site.Times() + "?week=" + day).Starts() {
			at, err := time.Parse(time.RFC3339, start)
			if err != nil {
				t.Fatal(err)
			}
			if civil.DateOf(at.In(civil.ZoneOrUTC(site.Clinic().Zone))).String() == day {
				shown++
			}
		}
		if free == 0 || free != shown {
			t.Errorf("%d are explained as free, and %d are shown", free, shown)
		}
	})
	t.Run("any minute, also one that no grid has", func(t *testing.T) {
		ask.Set("at", "03:07")
		desk.Get(path+"?"+ask.Encode()).Has(http.StatusOK, "3:07 am: Outside the opening hours.")
		ask.Set("at", "half past")
		desk.Get(path+"?"+ask.Encode()).Has(http.StatusUnprocessableEntity, "Enter a time of the day", `value="half past"`)
		ask.Set("at", "")
	})
	t.Run("a day that is none keeps what was asked, far days are not open yet", func(t *testing.T) {
		ask.Set("day", "2026-02-30")
		desk.Get(path+"?"+ask.Encode()).Has(http.StatusUnprocessableEntity, "Enter a day", `value="2026-02-30"`)
		ask.Set("day", site.Day(500))
		far := desk.Get(path + "?" + ask.Encode())
		if far.Status != http.StatusOK || !strings.Contains(far.Text(), "not open for booking yet") &&
			!strings.Contains(far.Text(), "There are no hours") && !strings.Contains(far.Text(), "no hours on a") {
			t.Errorf("%d %s", far.Status, far.Text())
		}
		ask.Set("day", day)
	})
	t.Run("what nobody offers so is said", func(t *testing.T) {
		other := url.Values{"service": {ask.Get("service")}, "with": {booked.String()}, "location": {ask.Get("location")}}
		desk.Get(path+"?"+other.Encode()).Has(http.StatusOK, "nobody offers it so")
	})
	t.Run("htmx gets the part", func(t *testing.T) {
		part := desk.HTMX().Get(path + "?" + ask.Encode())
		part.Has(http.StatusOK, "What decides")
		part.IsPart("availability")
	})
	t.Run("others can't", func(t *testing.T) {
		for name, p := range map[string]*webtest.Person{"Charlie": site.Charlie(t), "a patient": maya,
			"billing": site.Member(t, site.Clinic(), "Billa", "billing")} {
			if a := p.Get(path); a.Status != http.StatusNotFound && a.Status != http.StatusForbidden {
				t.Errorf("%s: %d", name, a.Status)
			}
		}
	})
	t.Run("support reads it in the console, without whose visit it is", func(t *testing.T) {
		sam := site.Staff(t, "Sam", "support")
		at := "/ops/organizations/" + site.Clinic().Slug + "/availability?" + ask.Encode()
		sam.Get("/ops/organizations").Has(http.StatusOK, "/ops/organizations/"+site.Clinic().Slug+"/availability")
		a := sam.Get(at)
		a.Has(http.StatusOK, "Everyone who could do it is busy then.", "can book")
		a.Lacks("KW-")
		desk.Get(at).Has(http.StatusNotFound)
		sam.Get("/ops/organizations/no-such-place/availability").Has(http.StatusNotFound)
	})
}
