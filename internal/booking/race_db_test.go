package booking_test

import (
	"errors"
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

type attempted struct {
	held Held
	err  error
}

func winners(t *testing.T, all []attempted) (won []int) {
	t.Helper()
	for i, a := range all {
		switch {
		case a.err == nil:
			won = append(won, i)
		case !errors.Is(a.err, ErrTaken):
			t.Errorf("patient %d is told %v", i, a.err)
		}
	}
	return won
}

func TestE4OfTenPatientsAtOnceOneWinsAndNineGetThreeAlternatives(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db), people(t, db, 10)
	start := p.soon(t)[3]
	all := together(10, func(i int) attempted {
		h, err := p.hold(t.Context(), crowd[i], start)
		return attempted{h, err}
	})
	if won := winners(t, all); len(won) != 1 {
		t.Fatalf("%d of ten hold the same time", len(won))
	}
	for i, a := range all {
		if a.err == nil {
			continue
		}
		near, err := Nearest(t.Context(), NewBusyCache(db.Gateway.Public(), 0, nil), p.offer, start, 3, p.now)
		if err != nil || len(near) != 3 {
			t.Fatalf("patient %d is offered %v, %v", i, near, err)
		}
		for n, s := range near {
			if s.Equal(start) || !p.free(t, s) || s.Sub(start).Abs() > 40*time.Minute || n > 0 && !s.After(near[n-1]) {
				t.Errorf("patient %d is offered %v instead of %v", i, s, start)
			}
		}
		p.holds(t, crowd[i], near[0])
		p.checkSound(t)
		break
	}
}

func TestE4OverlappingStartsOfDifferentServicesAreTheSameSlot(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db), people(t, db, 10)
	long := p.alsoOffers(t, 50)
	day := civil.DateOf(p.soon(t)[0]).String()
	short, wide := p.at(day+" 09:20"), p.at(day+" 09:00") // 9:20 to 9:40, and 9:00 to 9:50
	all := together(10, func(i int) attempted {
		if i%2 == 0 {
			h, err := p.hold(t.Context(), crowd[i], short)
			return attempted{h, err}
		}
		h, err := long.hold(t.Context(), crowd[i], wide)
		return attempted{h, err}
	})
	if won := winners(t, all); len(won) != 1 {
		t.Fatalf("%d of ten hold overlapping times of one practitioner", len(won))
	}
	if p.free(t, short) || long.free(t, wide) {
		t.Error("one service's hold leaves the other service's overlapping time in the list")
	}
	p.checkSound(t)
}

func TestE16OfAPoolOfThreeThreeSucceedAndTheFourthIsRefused(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db, func(c *pgtest.Clinic) { c.People = 3 }), people(t, db, 8)
	start := p.soon(t)[5]
	for i := range 3 {
		p.holds(t, crowd[i], start)
		if free := p.free(t, start); free != (i < 2) {
			t.Errorf("with %d of three taken, free is %v", i+1, free)
		}
	}
	if _, err := p.hold(t.Context(), crowd[3], start); !errors.Is(err, ErrTaken) {
		t.Errorf("the fourth of three is told %v", err)
	}
	at := p.soon(t)[7]
	all := together(8, func(i int) attempted {
		h, err := p.hold(t.Context(), crowd[i], at)
		return attempted{h, err}
	})
	if won := winners(t, all); len(won) != 3 {
		t.Errorf("eight at once: %d of three succeed", len(won))
	}
	if n := p.count(t, `(select distinct resource_id from claim where state = 'held' and starts_at = $1) x`, at); n != 3 {
		t.Errorf("the three have %d different members of the team", n)
	}
	p.checkSound(t)
}

func TestTwoTabsOfOnePersonAtOnceLeaveExactlyOneHold(t *testing.T) {
	db := pgtest.Open(t)
	p, who := newPractice(t, db), someone(t, db)
	free := p.soon(t)
	for round := range 8 {
		all := together(4, func(i int) attempted {
			h, err := p.hold(t.Context(), who, free[4*(round%3)+i])
			return attempted{h, err}
		})
		winners(t, all)
		if n := p.count(t, "appointment where status = 'held' and holder = $1 and held_until > now()", who.holder); n != 1 {
			t.Fatalf("%d holds of one person live", n)
		}
		p.checkSound(t)
	}
}

func TestE8TheSameTimeInTwoTabsAtOnceIsOneHoldAndNeverTaken(t *testing.T) {
	db := pgtest.Open(t)
	for _, size := range []int{1, 3} {
		p, who := newPractice(t, db, func(c *pgtest.Clinic) { c.People = size }), someone(t, db)
		for _, start := range p.soon(t)[:6] {
			all := together(4, func(int) attempted {
				h, err := p.hold(t.Context(), who, start)
				return attempted{h, err}
			})
			for i, a := range all {
				if a.err != nil || a.held.ID != all[0].held.ID || !a.held.Until.Equal(all[0].held.Until) {
					t.Errorf("a pool of %d: tab %d gets %v %v, the first tab %v", size, i, a.held, a.err, all[0].held)
				}
			}
		}
		p.checkSound(t)
	}
}

// One time, 64 patients: the figure to beat is 1,465 attempts a second with no double.
func TestE4Of64PatientsWhoRaceForOneTimeOneWins(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db), people(t, db, 64)
	var took time.Duration
	free := p.soon(t)[:8]
	for _, start := range free {
		began := time.Now()
		all := together(64, func(i int) attempted {
			h, err := p.hold(t.Context(), crowd[i], start)
			return attempted{h, err}
		})
		took += time.Since(began)
		if won := winners(t, all); len(won) != 1 {
			t.Fatalf("%d of 64 hold the same time", len(won))
		}
	}
	p.checkSound(t)
	t.Logf("64 clients, one time: %.0f attempts a second, no double", float64(64*len(free))/took.Seconds())
}
