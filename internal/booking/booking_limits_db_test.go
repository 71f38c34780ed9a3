package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

// day n from today: its free times.
func (p *practice) daysOn(t *testing.T, n int) []time.Time {
	t.Helper()
	return p.day(t, civil.Today(p.offer.Schedule.Location(), p.now).AddDays(n))
}

// booksAtOnce lets an account hold each of the times, each in another browser, and then confirm all at the same moment.
// It gives how many are booked; each refusal must be the one that is expected.
func booksAtOnce(t *testing.T, all []*practice, starts []time.Time, account uuid.UUID, limits BookingLimits,
	refusal error) (booked int) {
	t.Helper()
	held := make([]Held, len(starts))
	who := make([]patient, len(starts))
	for i, start := range starts {
		who[i] = patient{uuid.New(), account}
		held[i] = all[i%len(all)].holds(t, who[i], start)
	}
	for _, err := range together(len(starts), func(i int) error {
		c := wanted(held[i], who[i], held[i].ID.String())
		c.Limits = limits
		return patiently(func() error {
			_, err := Confirm(t.Context(), all[i%len(all)].In(account), c)
			return err
		})
	}) {
		switch {
		case err == nil:
			booked++
		case !errors.Is(err, refusal):
			t.Errorf("%v, not %v", err, refusal)
		}
	}
	for _, p := range all {
		p.checkSound(t)
	}
	return booked
}

// times are one of each of some days, or all of one.
func (p *practice) times(t *testing.T, n int, sameDay bool) (out []time.Time) {
	t.Helper()
	if sameDay {
		return p.daysOn(t, 3)[:n]
	}
	for day := 1; len(out) < n; day++ {
		if free := p.daysOn(t, day); len(free) > 0 {
			out = append(out, free[0])
		}
	}
	return out
}

func TestA13AtOnceNoMoreVisitsAreBookedThanAnAccountMay(t *testing.T) {
	db := pgtest.Open(t)
	for name, c := range map[string]struct {
		places, asked int
		sameDay       bool
		limits        BookingLimits
		booked        int
		refusal       error
	}{
		"on one day":   {1, 8, true, UsualBookingLimits, 3, ErrDayBookings},
		"at one place": {1, 12, false, UsualBookingLimits, 10, ErrPlaceBookings},
		"everywhere": {4, 8, false, BookingLimits{Day: 3, Organization: 10, Everywhere: 5}, 5,
			ErrAccountBookings},
		"limits that are zero":   {1, 8, true, BookingLimits{Organization: 100}, 8, nil},
		"the control, unlimited": {2, 12, true, BookingLimits{}, 12, nil},
	} {
		account := db.Account(t, "Maya Okafor")
		var all []*practice
		for range c.places {
			all = append(all, newPractice(t, db))
		}
		starts := all[0].times(t, c.asked, c.sameDay)
		if n := booksAtOnce(t, all, starts, account, c.limits, c.refusal); n != c.booked {
			t.Errorf("%s: %d of %d are booked, not %d", name, n, c.asked, c.booked)
		}
		if c.refusal == nil {
			continue
		}
		ben := someone(t, db) // a bystander at the same place, with the same limits
		if n := booksAtOnce(t, all[:1], all[0].times(t, 12, false)[11:], ben.account, c.limits, nil); n != 1 {
			t.Errorf("%s: somebody else books %d", name, n)
		}
	}
}

func TestA13AVisitThatIsCanceledOrOverMakesRoomForAnother(t *testing.T) {
	db := pgtest.Open(t)
	p, elsewhere, maya := newPractice(t, db), newPractice(t, db), someone(t, db)
	limits := BookingLimits{Day: 2, Organization: 3, Everywhere: 4}
	books := func(p *practice, start time.Time, want error) Booked {
		t.Helper()
		h := p.holds(t, maya, start)
		c := wanted(h, maya, uuid.NewString())
		c.Limits = limits
		before := p.everything(t)
		_, err := Confirm(t.Context(), p.In(maya.account), c)
		if !errors.Is(err, want) {
			t.Fatalf("%v, not %v", err, want)
		}
		if want == nil {
			return Booked{ID: h.ID, Account: maya.account, Start: start}
		}
		if p.everything(t) != before {
			t.Error("a refused confirmation wrote something")
		}
		if err := Release(t.Context(), p.In(maya.account), h.ID, maya.holder); err != nil {
			t.Error("the hold of a refused confirmation:", err)
		}
		return Booked{}
	}
	cancels := func(p *practice, b Booked) {
		t.Helper()
		if err := p.cancel(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	third, fourth := p.daysOn(t, 3), p.daysOn(t, 4)
	first := books(p, third[0], nil) // one below, at, one above: of the day
	books(p, third[1], nil)
	books(p, third[2], ErrDayBookings)
	books(p, fourth[0], nil) // of the place
	books(p, fourth[1], ErrPlaceBookings)
	away := books(elsewhere, third[0], nil) // everywhere
	books(elsewhere, third[1], ErrAccountBookings)

	cancels(elsewhere, away)
	books(elsewhere, third[1], nil)
	cancels(p, first)
	books(p, third[2], nil)
	books(elsewhere, third[2], ErrAccountBookings)

	// what has begun is no visit to come
	p.SQL(t, "update appointment set starts_at = now() - interval '1 minute' where account_id = $1 and starts_at = $2",
		maya.account, third[1])
	db.Admin(t, `update market.appointment_index set starts_at = now() - interval '1 minute'
		where account_id = $1 and tenant_id = $2 and starts_at = $3`, maya.account, p.ID, third[1])
	books(p, third[3], nil)
}
