package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

func TestStaffSeeByWhomATimeIsHeldAndFreeItForEverybody(t *testing.T) {
	site := webtest.Open(t)
	site.Market.Busy().UpToDate(time.Now().Add(time.Hour)) // as where events are heard, and none comes
	week := site.Times() + "?week=" + site.Day(9)
	offered := func() []string { return site.Visitor(t).Get(week).Starts() }
	before := offered()
	leo, maya := site.Visitor(t), site.Person(t, "Maya")
	leos, mayas := leo.Hold(2), maya.Hold(4)
	desk, billing, charlie := site.Bob(t, "front_desk"), site.Member(t, site.Clinic(), "Billa", "billing"), site.Charlie(t)
	var day string
	for _, hold := range []string{leos, mayas} {
		day = dayOf(t, site, webtest.IDOf(hold))
		page := desk.Get("/organizations/" + site.Clinic().Slug + "/appointments?day=" + day)
		if page.Status != http.StatusOK || !strings.Contains(page.Text(), "Held while somebody books") {
			t.Fatalf("%d %s", page.Status, page.Text())
		}
	}
	free := "/organizations/" + site.Clinic().Slug + "/holds/" + webtest.IDOf(leos).String() + "/release"
	page := desk.Get("/organizations/" + site.Clinic().Slug + "/appointments?day=" + dayOf(t, site, webtest.IDOf(leos)))
	page.Has(http.StatusOK, `<a href="#held-heading">`, "Free this time")
	if !strings.Contains(page.Text(), "A visitor without an account") || !strings.Contains(page.Body, free) {
		t.Error("it does not say by whom, or has no way to free it")
	}
	held := func() int {
		return site.Count(t, `select count(*) from market.busy where tenant_id = $1 and expires_at > now()`, site.Clinic().ID)
	}
	for name, p := range map[string]*webtest.Person{"Charlie": charlie, "a patient": maya, "billing": billing} {
		if a := p.Post(free, "day", day); a.Status != http.StatusNotFound && a.Status != http.StatusForbidden || held() != 2 {
			t.Errorf("%s: %d, and %d times are held", name, a.Status, held())
		}
	}
	if n := len(offered()); n != len(before)-2 {
		t.Fatalf("of %d times %d are shown while two are held", len(before), n)
	}
	if a := desk.Post(free, "day", day); a.Status != http.StatusSeeOther || held() != 1 {
		t.Fatalf("%d, and %d times are held", a.Status, held())
	}
	desk.Get(webtest.Workplace(site.Clinic())+"/appointments").Has(http.StatusOK, "The time at ", "m is free again.")
	if n := len(offered()); n != len(before)-1 {
		t.Errorf("of %d times %d are shown when one is free again", len(before), n)
	}
	if n := site.Count(t, `select count(*) from audit.event where actor = $1 and action = 'free hold' and resource_id = $2`,
		desk.ID, webtest.IDOf(leos)); n != 1 {
		t.Errorf("%d lines of the audit", n)
	}
	if a := desk.Post(free, "day", day); a.Status != http.StatusSeeOther || held() != 1 {
		t.Errorf("pressed again: %d", a.Status)
	}
	if a := leo.Get(leos); !strings.Contains(a.Text(), "has gone back to everyone") {
		t.Errorf("whoever held it: %d %s", a.Status, a.Text())
	}
}

// dayOf is the date of a hold in its location's own zone.
func dayOf(t *testing.T, site *webtest.Site, hold uuid.UUID) string {
	t.Helper()
	return pgtest.Value[string](t, site.Clinic(), `select (starts_at at time zone $2)::date::text from appointment where id = $1`,
		hold, site.Clinic().Zone)
}
