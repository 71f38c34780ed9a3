package account_test

import (
	"net/http"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

func TestAProfileIsSeenChangedAndToldToThoseWhoHaveACopy(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	const page = "/account/profile"
	maya.Get(page).Has(http.StatusOK, `value="Maya"`, maya.Email)
	details := []string{"name", "Maya Okafor", "phone", "(401) 555-0199", "dob-month", "3", "dob-day", "27", "dob-year",
		"1988", "street", "12 Hope St, Apt 3", "city", "Providence", "state", "ri", "zip", "02906", "language", "pt"}
	p := maya.Post(page, append([]string{"zip", "2906"}, details...)...)
	p.Has(http.StatusUnprocessableEntity, "Enter the ZIP code in five digits", `value="12 Hope St, Apt 3"`)
	maya.Post(page, details...).Goes("/account")
	p = maya.Get(page)
	p.Has(http.StatusOK, "12 Hope St, Apt 3", `value="RI"`, "(401) 555-0199")
	if p.Field("dob-year") != "1988" {
		t.Errorf("born in %q", p.Field("dob-year"))
	}
	leo := site.Person(t, "Leo")
	for range 30 {
		leo.Post(page, details...).Goes("/account")
	}
	leo.Post(page, details...).Has(http.StatusTooManyRequests, "You have changed this often", `value="12 Hope St, Apt 3"`)
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from outbox.event where kind = 'account.changed'
		and subject_id = $1 and tenant_id is null`, maya.ID); n != 1 {
		t.Errorf("%d events", n)
	}
}

// The page that says what is wrong is gone with a reload; what was typed is not. What was done is not typed again.
func TestWhatWasRefusedStandsInItsFormOnceMoreAfterAReload(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	const page = "/account/profile"
	wrong := []string{"name", "Maya Okafor", "phone", "12", "zip", "2906"}
	zip := func() string { return maya.Get(page).Field("zip") }
	maya.Post(page, wrong...).Has(http.StatusUnprocessableEntity)
	if first, second := zip(), zip(); first != "2906" || second != "" {
		t.Errorf("after a reload %q, after another %q", first, second)
	}
	maya.HTMX().Post(page, wrong...).Has(http.StatusUnprocessableEntity)
	maya.Post(page, "name", "Maya Okafor", "zip", "02906", "phone", "401 555 0199").Goes("/account")
	maya.Post(page, "name", "Maya Okafor", "zip", "2906", "phone", "").Has(http.StatusUnprocessableEntity)
	if phone := maya.Get(page).Field("phone"); phone != "" {
		t.Errorf("what was emptied is back: %q", phone)
	}
	if now := zip(); now != "02906" {
		t.Errorf("after it was done: %q", now)
	}
}

// A profile's town and state are those of its ZIP (10.2). A village has no ZIP of its own: who says so keeps it.
func TestAProfilesTownIsThatOfItsZIPUnlessWhoeverLivesThereSaysSo(t *testing.T) {
	site := webtest.Open(t)
	site.Clinic()
	maya := site.Person(t, "Maya")
	const page = "/account/profile"
	typed := func(city, state string, more ...string) []string {
		return append([]string{"name", "Maya", "street", "12 Hope St", "city", city, "state", state, "zip", "02906"}, more...)
	}
	p := maya.Post(page, typed("Seekonk, MA", "RI")...)
	p.Has(http.StatusUnprocessableEntity, "02906 is in Providence, RI. Correct the town or the ZIP", "12 Hope St")
	p.Lacks("is right for")
	maya.Post(page, typed("Providence", "MA")...).Has(http.StatusUnprocessableEntity, "02906 is in RI")
	p = maya.HTMX().Post(page, typed("Fox Point", "RI")...)
	p.Has(http.StatusUnprocessableEntity, "or say that it is right", "“Fox Point” is right for 02906")
	maya.Post(page, typed("Wayland", "RI", "keep-town", "Fox Point 02906")...).Has(http.StatusUnprocessableEntity)
	maya.Post(page, typed("Fox Point", "RI", "keep-town", "Fox Point 02906")...).Goes("/account")
	p = maya.Get(page)
	if p.Field("city") != "Fox Point" {
		t.Errorf("the town is %q", p.Field("city"))
	}
	maya.Post(page, typed("providence, ri", "RI")...).Goes("/account")
	if city := maya.Get(page).Field("city"); city != "Providence" {
		t.Errorf("the town is %q", city)
	}
}
