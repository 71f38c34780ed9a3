package booking_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
)

func TestTheTermsOfAHoldAreAskedInTheTransactionThatConfirmsIt(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, ben := newPractice(t, db), someone(t, db), someone(t, db)
	free := p.soon(t)
	p.books(t, maya, free[0])
	known, stranger := p.holds(t, maya, free[1]), p.holds(t, ben, free[2])
	p.SQL(t, "update offering set accepts_new = false, payers_accepted = '{ins-7}'") // after the holds
	confirm := func(h Held, who patient, payer string) error {
		c := wanted(h, who, uuid.NewString())
		c.Details.PayerID = payer
		_, err := Confirm(t.Context(), p.In(who.account), c)
		return err
	}
	before := p.everything(t)
	if err := confirm(known, maya, "ins-8"); !errors.Is(err, ErrPlan) {
		t.Errorf("a plan that is not taken: %v", err)
	}
	for _, payer := range []string{"", SelfPay, OtherPlan, "ins-7"} {
		if err := confirm(stranger, ben, payer); !errors.Is(err, ErrNoNewPatients) {
			t.Errorf("somebody new who pays by %q: %v", payer, err)
		}
	}
	if p.everything(t) != before {
		t.Error("a refused confirmation wrote something")
	}
	if err := confirm(known, maya, "ins-7"); err != nil {
		t.Errorf("control: somebody known with a plan that is taken: %v", err)
	}
	p.SQL(t, "update offering set accepts_new = true")
	if err := confirm(stranger, ben, OtherPlan); err != nil {
		t.Errorf("control: somebody new where new patients are taken: %v", err)
	}
	p.checkSound(t)
}

func TestAChartThatNoBookingMadeIsBookedOnAndStaysTheOnlyOne(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, chart := newPractice(t, db), someone(t, db), uuid.New()
	p.SQL(t, "insert into patient (id, account_id, name) values ($1, $2, 'As the desk wrote it')", chart, maya.account)
	b := p.books(t, maya, p.soon(t)[0])
	for what, want := range map[string]int64{"patient": 1,
		"patient where id = $1 and name = 'Maya Okafor'":                                 1,
		"appointment where patient_id = $1 and id = $2 and is_new and status = 'booked'": 1,
		"consent where patient_id = $1":                                                  1} {
		args := map[string][]any{"patient": nil,
			"appointment where patient_id = $1 and id = $2 and is_new and status = 'booked'": {chart, b.ID}}
		with, ok := args[what]
		if !ok {
			with = []any{chart}
		}
		if n := p.count(t, what, with...); n != want {
			t.Errorf("%d times %s", n, what)
		}
	}
	p.checkSound(t)
}

func TestAHoldIsConfirmedByItsIDAloneAndNotByFactsThatAreNotIts(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, ben := newPractice(t, db), someone(t, db), someone(t, db)
	free := p.soon(t)
	h, other := p.holds(t, maya, free[0]), p.holds(t, ben, free[1])
	before := p.everything(t)
	for what, change := range map[string]func(*Held){
		"another's claim":  func(h *Held) { h.Claim.ID = other.Claim.ID },
		"another start":    func(h *Held) { h.Start = other.Start },
		"another resource": func(h *Held) { h.Claim.Resource = uuid.New() },
	} {
		wrong := h
		change(&wrong)
		if err := p.confirm(t.Context(), maya, wrong, "k"); !errors.Is(err, ErrGone) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if p.everything(t) != before {
		t.Error("something was written")
	}
	for _, key := range []string{"k", "k"} { // once more is the same answer
		if err := p.confirm(t.Context(), maya, Held{ID: h.ID}, key); err != nil {
			t.Errorf("by its id alone: %v", err)
		}
	}
	p.checkSound(t)
}
