package ops_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

// since makes somebody one of the staff so long ago.
func since(t *testing.T, site *webtest.Site, who *webtest.Person, ago time.Duration) {
	t.Helper()
	site.Admin(t, `update directory.staff set created_at = $2 where account_id = $1`, who.ID, site.Clock.Now().Add(-ago))
}

// Whichever of the two is new: a second account of one's own asks for what the first approves as well as the other way.
func TestWhoeverIsOfTheStaffForLessThanADayIsNoneOfTwo(t *testing.T) {
	const day = 24 * time.Hour
	site := webtest.Open(t)
	first, second := site.Staff(t, "Ada", "administrator", "operator"),
		site.Staff(t, "Bea", "administrator", "compliance")
	lost := loser(t, site, site.Staff(t, "Cal", "support"))
	removal := "/ops/staff/people/" + lost.ID.String() + "/second-factor-removal"
	first.Post(removal, "case", lostPhone).Goes("/ops/people/" + lost.ID.String())
	request := openRequest(t, site, lost)

	first.Post("/ops/emergency-access", "organization", site.NewClinic(t).Slug, "reason", alarm).Has(303)
	var access uuid.UUID
	if err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(), `update directory.staff_access set ended_at = now()
		where actor = $1 and kind = 'emergency' returning id`, first.ID).Scan(&access); err != nil {
		t.Fatal(err)
	}
	alert := uuid.Must(uuid.NewV7())
	site.Admin(t, `insert into audit.alert (id, kind, actor, since, facts) values ($1, 'many_records', $2, now(),
		'{"people": 46, "unrelated": 21, "most": 20, "from": "2026-11-02T10:00:00Z", "to": "2026-11-02T10:30:00Z", "places": 0}')`,
		alert, first.ID)

	for _, of := range []struct {
		page, path, offer string
		form              []string
	}{
		{"/ops/people/" + lost.ID.String(), removal + "/approval", "Approve the removal", []string{"request", request}},
		{"/ops/emergency-access", "/ops/emergency-access/" + access.String() + "/review", "Close this review",
			[]string{"verdict", "justified", "note", "The clinic says so too"}},
		{"/ops/alerts", "/ops/alerts/" + alert.String() + "/review", "Close the alert of Ada",
			[]string{"note-" + alert.String(), "She prepared an audit."}},
	} {
		for _, fresh := range []*webtest.Person{first, second} {
			since(t, site, fresh, day-time.Minute)
			page := second.Get(of.page)
			page.Has(200, "You can do this from", "must have been on the staff for 24 hours")
			page.Lacks(of.offer)
			second.Post(of.path, of.form...).Has(409)
			since(t, site, fresh, day)
		}
		// Whoever has asked and is of the staff no more counts from when they came.
		site.Admin(t, `update directory.staff set created_at = $2, ended_at = $2 where account_id = $1`, first.ID,
			site.Clock.Now())
		second.Post(of.path, of.form...).Has(409)
		site.Admin(t, `update directory.staff set created_at = $2, ended_at = null where account_id = $1`, first.ID,
			site.Clock.Now().Add(-day))
		if of.offer == "Approve the removal" && !hasFactor(t, site, lost) {
			t.Error("removed by one person with two accounts")
		}
		second.Get(of.page).Has(200, of.offer) // the control: both are of the staff for a day
		second.Post(of.path, of.form...).Has(303)
	}
	if hasFactor(t, site, lost) {
		t.Error("the control: two of the staff removed nothing")
	}
}
