package booking_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
)

// Every verb through the scope of one organization at the things of another: refused in the domain's words, and nothing
// is written anywhere.
func TestThroughTheScopeOfOneOrganizationNothingOfAnotherCanBeTouched(t *testing.T) {
	db := pgtest.Open(t)
	a, b := newPractice(t, db), newPractice(t, db)
	maya, ben := someone(t, db), someone(t, db)
	free := b.soon(t)
	held, booked := b.holds(t, maya, free[0]), b.books(t, ben, free[1])
	mixed := a.offer // a's own offering, served by b's people
	mixed.Resources = b.offer.Resources
	verbs := map[string]struct {
		do   func(p *practice) error // p is whose scope it is done in
		want error
	}{
		"hold b's offering": {func(p *practice) error {
			_, err := Hold(t.Context(), p.In(maya.account), b.offer, free[2], Holder{ID: maya.holder}, b.now)
			return err
		}, ErrChanged},
		"confirm": {func(p *practice) error {
			_, err := Confirm(t.Context(), p.In(maya.account), wanted(held, maya, "k"))
			return err
		}, ErrGone},
		"extend": {func(p *practice) error {
			_, err := Extend(t.Context(), p.In(maya.account), held.ID, maya.holder)
			return err
		}, ErrGone},
		"release": {func(p *practice) error { return Release(t.Context(), p.In(maya.account), held.ID, maya.holder) },
			ErrGone},
		"move": {func(p *practice) error {
			return Move(t.Context(), p.In(ben.account), booked, b.offer, free[5], b.now)
		}, ErrChanged},
		"cancel": {func(p *practice) error { return Cancel(t.Context(), p.In(ben.account), booked, "time", b.now) },
			ErrGone},
	}
	before, there := a.everything(t), b.everything(t)
	for name, v := range verbs {
		if err := v.do(a); !errors.Is(err, v.want) {
			t.Errorf("%s: %v, not %v", name, err, v.want)
		}
	}
	if _, err := Hold(t.Context(), a.In(maya.account), mixed, free[3], Holder{ID: maya.holder}, a.now); !errors.Is(err,
		ErrChanged) {
		t.Errorf("hold b's practitioner for a's offering: %v", err)
	}
	if err := Move(t.Context(), a.In(ben.account), booked, a.offer, free[5], a.now); !errors.Is(err, ErrGone) {
		t.Errorf("move b's appointment to a's offering: %v", err)
	}
	if _, err := a.Queries(maya.account).HoldPage(t.Context(), held.ID, maya.holder); err == nil {
		t.Error("b's hold has a page at a")
	}
	if _, err := a.Queries(ben.account).AppointmentPage(t.Context(), booked.ID, &ben.account); err == nil {
		t.Error("b's appointment has a page at a")
	}
	if n, err := LapseDeadHolds(t.Context(), a.In(uuid.Nil)); n != 0 || err != nil {
		t.Errorf("a lapsed %d holds: %v", n, err)
	}
	if a.everything(t) != before || b.everything(t) != there {
		t.Error("something was written")
	}
	// the negative control: all of it works in b's own scope
	for _, name := range []string{"extend", "confirm", "hold b's offering", "move", "cancel"} {
		// moved meanwhile
		if err := verbs[name].do(b); err != nil && name != "cancel" || name == "cancel" && !errors.Is(err, ErrGone) {
			t.Errorf("%s in its own organization: %v", name, err)
		}
	}
	a.checkSound(t)
	b.checkSound(t)
}

func TestOnePersonHoldsATimeAtEachOfTwoOrganizations(t *testing.T) {
	db := pgtest.Open(t)
	a, b, maya := newPractice(t, db), newPractice(t, db), someone(t, db)
	first, second := a.holds(t, maya, a.soon(t)[0]), b.holds(t, maya, b.soon(t)[0])
	if err := a.confirm(t.Context(), maya, first, "k"); err != nil {
		t.Error(err)
	}
	if err := b.confirm(t.Context(), maya, second, "k"); err != nil { // keys are each organization's own
		t.Error(err)
	}
}
