package provider_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

// lateVisit is a booking of Maya's that she may not cancel online any more, and where the desk cancels it.
func lateVisit(t *testing.T) (site *webtest.Site, maya *webtest.Person, id uuid.UUID, cancel string) {
	t.Helper()
	site = webtest.OpenWith(t, webtest.Options{Clinic: func(c *pgtest.Clinic) { c.Cutoff = 60 * 24 * 30 }})
	maya = site.Person(t, "Maya")
	id = webtest.IDOf(maya.Book(maya.Hold(0)))
	return site, maya, id, webtest.Workplace(site.Clinic()) + "/appointments/" + id.String() + "/cancellation"
}

func TestTheDeskCancelsForWhoeverCallsPastTheCutOffToo(t *testing.T) {
	site, maya, id, cancel := lateVisit(t)
	maya.Post("/bookings/"+id.String()+"/cancellation", "sequence", "0", "why", "time")
	status := func() string {
		return pgtest.Value[string](t, site.Clinic(), `select status || coalesce(' by ' || cancelled_by || ': ' || cancelled_why, '')
			from appointment where id = $1`, id)
	}
	if status() != "booked" {
		t.Fatal("control: she could cancel it herself:", status())
	}
	desk := site.Bob(t, "front_desk")
	patient := pgtest.Value[uuid.UUID](t, site.Clinic(), `select patient_id from appointment where id = $1`, id)
	contact := webtest.Workplace(site.Clinic()) + "/patients/" + patient.String() + "/contact"
	desk.Get(contact).Has(http.StatusOK, cancel)
	page := desk.Get(cancel)
	page.Has(http.StatusOK, "Cancel the visit of Maya Okafor?", "The patient called and asked for it",
		"Maya Okafor is told by email")
	page.Lacks("Left arm")
	fields := []string{"sequence", page.Field("sequence"), "key", page.Field("key")}
	bad := desk.Post(cancel, fields...)
	bad.Has(http.StatusUnprocessableEntity, "Choose why the visit is canceled")
	if bad.Field("key") != page.Field("key") {
		t.Error("the form forgot which request it was")
	}
	part := desk.HTMX().Post(cancel, append(fields, "why", "weather")...)
	part.Has(http.StatusUnprocessableEntity, "Choose why the visit is canceled")
	part.IsPart("cancellation")
	if status() != "booked" {
		t.Fatal("it was canceled without a reason")
	}
	done := desk.Post(cancel, append(fields, "why", "asked")...)
	done.Goes(contact)
	if status() != "cancelled by provider: asked" {
		t.Error(status())
	}
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from claim c
		left join market.busy b on b.id = c.id where c.appointment_id = $1 and (c.state = 'booked' or b.id is not null)`,
		id); n != 0 {
		t.Errorf("E6 the time is not free: %d", n)
	}
	desk.Get(contact).Has(http.StatusOK, "is canceled. The time is free for others", "Nothing more is booked")
	again := desk.Post(cancel, append(fields, "why", "asked")...)
	again.Goes(contact)
	desk.Get(contact).Has(http.StatusOK, "is canceled. The time is free for others")
	if n := site.Count(t, `select count(*) from audit.event where resource_id = $1 and action = 'cancel' and actor = $2
		and patient = $3`, id, desk.ID, maya.ID); n != 1 {
		t.Errorf("2.9 the cancellation is in the audit %d times", n)
	}
	if n := site.Count(t, `select count(*) from outbox.event where kind = 'appointment.cancelled' and subject_id = $1`,
		id); n != 1 {
		t.Errorf("%d events, from which the email comes", n)
	}
	maya.Get("/bookings/"+id.String()).Has(http.StatusOK, "is canceled",
		site.Clinic().Name+" canceled it for you, as you asked by phone.")
	maya.Get("/bookings").Has(http.StatusOK, "Canceled by "+site.Clinic().Name)
	site.Clinic().SQL(t, `update appointment set cancelled_why = 'away' where id = $1`, id)
	maya.Get("/bookings/"+id.String()).Has(http.StatusOK, site.Clinic().Name+" had to cancel it.")
	site.Clinic().SQL(t, `update appointment set cancelled_by = 'patient', cancelled_why = 'time' where id = $1`, id)
	maya.Get("/bookings/"+id.String()).Has(http.StatusOK, "You canceled it. It costs you nothing.")
	maya.Get("/bookings").Lacks("Canceled by")
	site.Clinic().SQL(t, `update appointment set cancelled_by = 'provider', cancelled_why = 'asked' where id = $1`, id)
	if late := desk.Get(cancel); late.Status != http.StatusSeeOther {
		t.Error(late.Status, late.Text())
	} else {
		desk.Get(late.Location).Has(http.StatusOK, "is canceled already, since")
	}
}

func TestTwoDesksCancelAVisitOnceAndTheSecondIsTold(t *testing.T) {
	site, _, id, cancel := lateVisit(t)
	desks := []*webtest.Person{site.Bob(t, "front_desk"), site.Member(t, site.Clinic(), "Mona", "manager")}
	pages := []webtest.Answer{desks[0].Get(cancel), desks[1].Get(cancel)}
	answers, all := make([]webtest.Answer, 2), sync.WaitGroup{}
	for i, desk := range desks {
		all.Go(func() {
			answers[i] = desk.Post(cancel, "sequence", pages[i].Field("sequence"), "key", pages[i].Field("key"), "why", "closed")
		})
	}
	all.Wait()
	said := 0
	for i, a := range answers {
		if a.Status != http.StatusSeeOther {
			t.Fatal(a.Status, a.Text())
		}
		if strings.Contains(desks[i].Get(a.Location).Text(), "is canceled already") {
			said++
		}
	}
	if n := site.Count(t, `select count(*) from audit.event where resource_id = $1 and action = 'cancel'`, id); n != 1 ||
		said != 1 {
		t.Errorf("canceled %d times, %d were told that it was already", n, said)
	}
}

func TestNobodyElseCancelsAVisitAndNoneThatHasChangedOrBegun(t *testing.T) {
	site, maya, id, cancel := lateVisit(t)
	desk, charlie := site.Bob(t, "front_desk"), site.Charlie(t)
	page := desk.Get(cancel)
	fields := []string{"sequence", page.Field("sequence"), "key", page.Field("key"), "why", "asked"}
	theirs := webtest.Workplace(site.Other()) + "/appointments/" + id.String() + "/cancellation"
	billing := site.Member(t, site.Clinic(), "Billa", "billing")
	for _, try := range []struct {
		who  *webtest.Person
		path string
		want int
	}{{charlie, cancel, 404}, {charlie, theirs, 404}, {maya, cancel, 404}, {billing, cancel, 403}} {
		for _, a := range []webtest.Answer{try.who.Get(try.path), try.who.Post(try.path, fields...)} {
			if a.Status != try.want || strings.Contains(a.Body, "Maya Okafor") {
				t.Errorf("A01 %s: %d, not %d: %s", try.path, a.Status, try.want, a.Text())
			}
		}
	}
	site.Clinic().SQL(t, `update appointment set sequence = 7 where id = $1`, id) // moved meanwhile
	moved := desk.Post(cancel, fields...)
	moved.Has(http.StatusConflict, "was changed meanwhile")
	if moved.Field("sequence") != "7" {
		t.Error("the page does not ask about how it stands now")
	}
	desk.Post(cancel, "sequence", "x", "key", "k", "why", "asked").Has(http.StatusUnprocessableEntity)
	starts := pgtest.Value[time.Time](t, site.Clinic(), `select starts_at from appointment where id = $1`, id)
	site.Clinic().SQL(t, `update appointment set starts_at = $2, ends_at = $3 where id = $1`, id,
		site.Clock.Now().Add(-10*time.Minute), site.Clock.Now().Add(10*time.Minute))
	begun := desk.Post(cancel, append([]string{"sequence", "7"}, fields[2:]...)...)
	begun.Has(http.StatusSeeOther)
	desk.Get(begun.Location).Has(http.StatusOK, "has begun, so it is not canceled any more")
	site.Clinic().SQL(t, `update appointment set starts_at = $2, ends_at = $3 where id = $1`, id, starts,
		starts.Add(20*time.Minute))
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment where status = 'booked'`); n != 1 {
		t.Error("it was canceled")
	}
	desk.Post(cancel, append([]string{"sequence", "7"}, fields[2:]...)...).Has(http.StatusSeeOther) // the control
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment where status = 'booked'`); n != 0 {
		t.Error("control: the same request at the right moment cancels nothing")
	}
}
