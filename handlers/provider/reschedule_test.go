package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

func TestTheDeskMovesAVisitPastTheCutOffOnceAndNobodyElseDoes(t *testing.T) {
	site, maya, id, cancel := lateVisit(t)
	desk := site.Bob(t, "front_desk")
	visit := strings.TrimSuffix(cancel, "/cancellation")
	desk.Get(visit).Has(http.StatusOK, visit+"/reschedule", "gets an email with all of this")
	times := desk.Get(visit + "/reschedule?day=" + site.Day(12))
	times.Has(http.StatusOK, "come instead?", "They themselves could move it until")
	starts := times.Starts()
	if len(starts) < 3 {
		t.Fatal(times.Text())
	}
	page := desk.Get(visit + "/reschedule?start=" + starts[1])
	page.Has(http.StatusOK, "Move it to", "is told by email")
	fields := []string{"sequence", page.Field("sequence"), "start", starts[1]}
	for _, try := range []struct {
		who  *webtest.Person
		want int
	}{{site.Charlie(t), 404}, {maya, 404}, {site.Member(t, site.Clinic(), "Billa", "billing"), 403}} {
		for _, a := range []webtest.Answer{try.who.Get(visit + "/reschedule"), try.who.Post(visit+"/reschedule", fields...)} {
			if a.Status != try.want {
				t.Errorf("A01: %d, not %d: %s", a.Status, try.want, a.Text())
			}
		}
	}
	maya.HoldAt(starts[2]).Has(http.StatusSeeOther)
	lost := desk.Post(visit+"/reschedule", "sequence", "0", "start", starts[2])
	lost.Has(http.StatusConflict, "is not free any more", "The visit stands as it was")
	for range 2 { // the same form twice
		desk.Post(visit+"/reschedule", fields...).Goes(visit)
		desk.Get(visit).Has(http.StatusOK, "Moved to")
	}
	desk.Post(visit+"/reschedule", "sequence", "0", "start", starts[0]).Has(http.StatusSeeOther) // an old page
	desk.Post(visit+"/reschedule", "sequence", "x", "start", starts[0]).Has(http.StatusUnprocessableEntity)
	at := pgtest.Value[time.Time](t, site.Clinic(), `select starts_at from appointment where id = $1 and sequence = 1
		and status = 'booked'`, id)
	if want, _ := time.Parse(time.RFC3339, starts[1]); !at.Equal(want) {
		t.Errorf("2.11 it is at %s, not at %s", at, want)
	}
	for what, want := range map[string]int{
		`select count(*) from audit.event where resource_id = $1 and action = 'move' and actor = '` + desk.ID.String() + `'`: 1,
		`select count(*) from outbox.event where subject_id = $1 and kind = 'appointment.moved'`:                             1,
	} {
		if n := site.Count(t, what, id); n != want {
			t.Errorf("%d, not %d: %s", n, want, what)
		}
	}
	site.Clinic().SQL(t, `update appointment set starts_at = $2, ends_at = $3 where id = $1`, id,
		site.Clock.Now().Add(-10*time.Minute), site.Clock.Now().Add(10*time.Minute))
	begun := desk.Get(visit + "/reschedule")
	begun.Has(http.StatusSeeOther)
	desk.Get(begun.Location).Has(http.StatusOK, "it does not move")
	desk.Get(visit).Lacks(visit + "/reschedule")
}
