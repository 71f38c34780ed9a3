package booking_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
)

// loose are limits that nobody reaches but by one of them.
var loose = HoldLimits{Own: 1000, Visitors: 1000, Patients: 1000, ShareOneIn: 1}

// heldAtOnce lets n people ask for one of the times each, at the same moment, and counts who got it. Each refusal must
// be the one that is expected.
func (p *practice) heldAtOnce(t *testing.T, n int, by func(n int) Holder, refusal error) (held int) {
	t.Helper()
	free := p.soon(t)
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			errs[i] = patiently(func() error {
				_, err := Hold(t.Context(), p.In(uuid.Nil), p.offer, free[i%len(free)], by(i), p.now)
				return err
			})
		})
	}
	group.Wait()
	for _, err := range errs {
		switch {
		case err == nil:
			held++
		case !errors.Is(err, refusal):
			t.Errorf("%v, not %v", err, refusal)
		}
	}
	return held
}

func TestA13AtOnceNoMoreTimesAreHeldThanANetworkAndVisitorsMay(t *testing.T) {
	db := pgtest.Open(t)
	account := db.Account(t, "Maya")
	few := func(change func(*HoldLimits)) HoldLimits { l := loose; change(&l); return l }
	for name, c := range map[string]struct {
		by      func(n int) Holder
		held    int
		refusal error
	}{
		"visitors of one network": {func(int) Holder {
			return NewHolder(db.Keys, uuid.New(), uuid.Nil, "10.0.0.0/24", few(func(l *HoldLimits) { l.Visitors = 6 }))
		}, 6, ErrNetworkHolds},
		"signed-in people of one network": {func(int) Holder {
			return NewHolder(db.Keys, uuid.New(), uuid.New(), "10.0.0.0/24", few(func(l *HoldLimits) { l.Patients = 7 }))
		}, 7, ErrNetworkHolds},
		"visitors of many networks": {func(n int) Holder {
			return NewHolder(db.Keys, uuid.New(), uuid.Nil, fmt.Sprint(n), few(func(l *HoldLimits) { l.ShareOneIn = 1000 }))
		}, 2, ErrVisitorHolds},
		"one account in many browsers": {func(n int) Holder {
			return NewHolder(db.Keys, uuid.New(), account, fmt.Sprint(n), few(func(l *HoldLimits) { l.Own = 3 }))
		}, 3, ErrOwnHolds},
		"limits that are zero": {func(int) Holder {
			return NewHolder(db.Keys, uuid.New(), uuid.Nil, "10.0.0.0/24", HoldLimits{Patients: 1})
		}, 14, nil},
		"the control, without limits": {func(int) Holder {
			return NewHolder(db.Keys, uuid.New(), uuid.Nil, "10.0.0.0/24", loose)
		}, 14, nil},
	} {
		p := newPractice(t, db)
		if held := p.heldAtOnce(t, 14, c.by, c.refusal); held != c.held {
			t.Errorf("%s: %d of 14 are held, not %d", name, held, c.held)
		}
		if n := p.count(t, "appointment where status = 'held'"); n != int64(c.held) {
			t.Errorf("%s: %d rows", name, n)
		}
		if c.refusal == ErrNetworkHolds || c.refusal == ErrVisitorHolds {
			who := someone(t, db)
			if _, err := Hold(t.Context(), p.In(who.account), p.offer, p.soon(t)[0],
				NewHolder(db.Keys, who.holder, who.account, "10.9.9.0/24", UsualHoldLimits), p.now); err != nil {
				t.Errorf("%s: somebody who is signed in, from elsewhere: %v", name, err)
			}
		}
	}
}

func TestA13OneBrowserHoldsThreeTimesAtAllOrganizationsTogetherHoweverItAsks(t *testing.T) {
	db := pgtest.Open(t)
	id, account := uuid.New(), db.Account(t, "Maya")
	var all []*practice
	for range 14 {
		all = append(all, newPractice(t, db))
	}
	var group sync.WaitGroup
	held := make([]Held, len(all))
	by := NewHolder(db.Keys, id, uuid.Nil, "10.0.0.0/24", UsualHoldLimits)
	for i, p := range all {
		free := p.soon(t)
		group.Go(func() {
			err := patiently(func() (err error) {
				held[i], err = Hold(t.Context(), p.In(uuid.Nil), p.offer, free[0], by, p.now)
				return err
			})
			if err != nil && !errors.Is(err, ErrOwnHolds) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var kept, refused []int
	for i, h := range held {
		if h.ID != uuid.Nil {
			kept = append(kept, i)
		} else {
			refused = append(refused, i)
		}
	}
	if len(kept) != 3 {
		t.Fatalf("%d of 14 are held", len(kept))
	}
	again := func(i int, by Holder) error {
		p := all[i]
		_, err := Hold(t.Context(), p.In(account), p.offer, p.soon(t)[0], by, p.now)
		return err
	}
	if err := again(kept[0], by); err != nil {
		t.Error("another time at the same place is no fourth:", err)
	}
	if err := again(refused[0], NewHolder(db.Keys, id, account, "10.0.0.0/24", UsualHoldLimits)); !errors.Is(err,
		ErrOwnHolds) {
		t.Error("signed in, the same browser holds a fourth:", err)
	}
	p, who := all[kept[1]], patient{id, account}
	if err := p.confirm(t.Context(), who, held[kept[1]], held[kept[1]].ID.String()); err != nil {
		t.Fatal(err)
	}
	if err := again(refused[0], by); err != nil {
		t.Error("a booking counts on as a hold:", err)
	}
	left := fmt.Sprintf("market.busy where tenant_id = '%s' and holder is not null", p.ID)
	if n := p.count(t, left); n != 0 {
		t.Error("the booking's public shadow still says who held it")
	}
}

func TestAHoldThatWasFreedIsGoneForWhoeverHeldIt(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db), someone(t, db)
	start := p.soon(t)[0]
	h := p.holds(t, maya, start)
	alice := db.Account(t, "Alice")
	if _, err := FreeHold(t.Context(), p.In(alice), h.ID); err != nil || !p.free(t, start) {
		t.Fatal("it is still held:", err)
	}
	if _, err := FreeHold(t.Context(), p.In(alice), h.ID); !errors.Is(err, ErrGone) {
		t.Error("once more:", err)
	}
	if err := p.confirm(t.Context(), maya, h, "k"); !errors.Is(err, ErrGone) {
		t.Error("it is booked all the same:", err)
	}
	if n := p.count(t, "audit.event where action = 'free hold' and resource_id = $1 and actor = $2", h.ID,
		alice); n != 1 {
		t.Errorf("%d lines in the audit", n)
	}
}
