package booking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

// stored is the instant that the database keeps, in UTC.
func stored(t *testing.T, p *practice, h Held) string {
	t.Helper()
	return pgtest.Value[time.Time](t, p.Clinic, "select starts_at from appointment where id = $1",
		h.ID).UTC().Format(time.RFC3339)
}

func TestE1AMarchDateBookedInFebruaryIsAtNineEverywhere(t *testing.T) {
	db := pgtest.Open(t)
	for day, instant := range map[string]string{
		"2027-03-13": "2027-03-13T14:00:00Z", // the day before the clocks change
		"2027-03-14": "2027-03-14T13:00:00Z", // the day on which they do
		"2027-03-15": "2027-03-15T13:00:00Z",
		"2027-11-08": "2027-11-08T14:00:00Z", // back again
	} {
		p, maya := newPractice(t, db), someone(t, db)
		p.now = time.Date(2027, 2, 10, 15, 30, 0, 0, time.UTC)
		free := p.day(t, date(day))
		if len(free) != 24 || free[0].Format("15:04") != "09:00" || free[0].UTC().Format(time.RFC3339) != instant {
			t.Fatalf("%s: %d slots, the first at %v", day, len(free), free[0])
		}
		began := time.Now()
		h := p.holds(t, maya, free[0])
		if got := stored(t, p, h); got != instant {
			t.Errorf("%s: stored as %s", day, got)
		}
		page := holdPage(t, p, h, maya)
		if local := page.StartsAt.In(p.offer.Schedule.Location()).Format("2006-01-02 15:04"); local != day+" 09:00" {
			t.Errorf("%s: the hold's page says %s", day, local)
		}
		if !lives(page, began) {
			t.Errorf("the hold lives %d seconds: by the database's clock it is ten minutes", page.SecondsLeft)
		}
		if err := p.confirm(t.Context(), maya, h, "k"); err != nil {
			t.Fatal(err)
		}
		confirmation, err := p.Queries(maya.account).AppointmentPage(t.Context(), h.ID, &maya.account)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(confirmation.Zone)
		if err != nil || confirmation.StartsAt.In(zone).Format("2006-01-02 15:04") != day+" 09:00" ||
			confirmation.EndsAt.Sub(confirmation.StartsAt) != 20*time.Minute {
			t.Errorf("%s: the confirmation says %v to %v, %v", day, confirmation.StartsAt, confirmation.EndsAt, err)
		}
		if p.free(t, free[0]) || !p.free(t, free[1]) {
			t.Errorf("%s: the list is wrong after the booking", day)
		}
	}
}

func TestE2TheHourThatComesTwiceIsTwoTimesAndOneBookingTakesOne(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db, func(c *pgtest.Clinic) { c.From, c.To, c.Minutes = 0, 4*60, 30 }), people(t, db, 3)
	p.now = time.Date(2027, 11, 1, 12, 0, 0, 0, time.UTC)
	fall := date("2027-11-07")
	var twice []time.Time
	for _, s := range p.day(t, fall) {
		if s.Format("15:04") == "01:30" {
			twice = append(twice, s)
		}
	}
	if len(twice) != 2 || twice[1].Sub(twice[0]) != time.Hour {
		t.Fatalf("half past one comes at %v", twice)
	}
	h := p.holds(t, crowd[0], twice[0])
	if got := stored(t, p, h); got != "2027-11-07T05:30:00Z" {
		t.Errorf("the first is stored as %s", got)
	}
	if p.free(t, twice[0]) || !p.free(t, twice[1]) {
		t.Error("one booking does not take exactly one of the two")
	}
	if _, err := p.hold(t.Context(), crowd[1], twice[0]); !errors.Is(err, ErrTaken) {
		t.Errorf("the first again: %v", err)
	}
	if got := stored(t, p, p.holds(t, crowd[1], twice[1])); got != "2027-11-07T06:30:00Z" {
		t.Errorf("the second is stored as %s", got)
	}
	spring := date("2028-03-12")
	p.now = time.Date(2028, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, s := range p.day(t, spring) {
		if hour := s.Hour(); hour == 2 {
			t.Errorf("%v is offered: the clock skips that hour", s)
		}
	}
	if _, err := p.hold(t.Context(), crowd[2], time.Date(2028, 3, 12, 7, 10, 0, 0, time.UTC)); !errors.Is(err,
		ErrChanged) {
		t.Errorf("an instant that is no slot: %v", err)
	}
	p.checkSound(t)
}

func TestE3ADateInSydneyHasItsOwnHoursAndNoneOfTheNextDays(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db, func(c *pgtest.Clinic) { c.Zone = "Australia/Sydney" }), people(t, db, 2)
	p.now = time.Date(2027, 1, 5, 20, 0, 0, 0, time.UTC) // it is the 6th in Sydney
	day := date("2027-01-11")
	free := p.day(t, day)
	if len(free) != 24 || free[0].UTC().Format(time.RFC3339) != "2027-01-10T22:00:00Z" {
		t.Fatalf("%d slots, the first at %v", len(free), free[0])
	}
	for _, s := range free {
		if civil.DateOf(s) != day {
			t.Errorf("%v is on another date", s)
		}
	}
	first := p.holds(t, crowd[0], free[0])
	p.holds(t, crowd[1], free[23])
	if got := stored(t, p, first); got != "2027-01-10T22:00:00Z" {
		t.Errorf("stored as %s", got)
	}
	if left := p.day(t, day); len(left) != 22 || slices.ContainsFunc(left, free[0].Equal) ||
		slices.ContainsFunc(left, free[23].Equal) {
		t.Errorf("%d are left of 24 after the first and the last were taken", len(left))
	}
	for _, other := range []int{-1, 1} {
		if n := len(p.day(t, day.AddDays(other))); n != 24 {
			t.Errorf("%d slots on a day that nobody has booked", n)
		}
	}
}
