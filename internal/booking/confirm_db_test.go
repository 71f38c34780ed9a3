package booking_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
)

func TestAHoldThatRanOutOrIsSomebodyElsesCannotBeConfirmed(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, ben := newPractice(t, db), someone(t, db), someone(t, db)
	start := p.soon(t)[0]
	h := p.holds(t, maya, start)
	before := p.everything(t)
	for who, try := range map[string]patient{"Ben": ben, "Ben as Maya": {ben.holder, maya.account}} {
		if err := p.confirm(t.Context(), try, h, "k-"+who); !errors.Is(err, ErrGone) {
			t.Errorf("%s confirms: %v", who, err)
		}
	}
	if err := p.confirm(t.Context(), maya, Held{ID: uuid.New()}, "k-none"); !errors.Is(err, ErrGone) {
		t.Errorf("what does not exist: %v", err)
	}
	if after := p.everything(t); after != before {
		t.Error("a refused confirmation wrote something")
	}
	p.runsOut(t, h, 0)
	before = p.everything(t)
	if err := p.confirm(t.Context(), maya, h, "k"); !errors.Is(err, ErrGone) {
		t.Errorf("what ran out: %v", err)
	}
	if after := p.everything(t); after != before {
		t.Error("a late confirmation wrote something")
	}
	h = p.holds(t, maya, start) // in the negative: the same with a living hold
	if err := p.confirm(t.Context(), maya, h, "k"); err != nil {
		t.Errorf("the key of a refused request is not used up: %v", err)
	}
	if err := p.confirm(t.Context(), maya, h, "k2"); !errors.Is(err, ErrGone) {
		t.Errorf("confirmed again with another key: %v", err)
	}
	p.checkSound(t)
}

func TestRule2_9TheSameRequestSixteenTimesAtOnceIsOneBookingAndSixteenSameAnswers(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db), someone(t, db)
	h := p.holds(t, maya, p.soon(t)[0])
	type said struct {
		answer string
		err    error
	}
	for i, a := range together(16, func(int) said {
		var answer string
		err := patiently(func() (err error) {
			answer, err = Confirm(t.Context(), p.In(maya.account), wanted(h, maya, "the key"))
			return err
		})
		return said{answer, err}
	}) {
		if a.err != nil || a.answer != "/bookings/"+h.ID.String() {
			t.Errorf("request %d is answered %q, %v", i, a.answer, a.err)
		}
	}
	for what, want := range map[string]int64{"appointment where status = 'booked'": 1, "consent": 1, "patient": 1,
		"request_key": 1, "claim": 1,
		"outbox.event where kind = 'appointment.booked' and subject_id = $1": 1,
		"audit.event where action = 'book' and resource_id = $1":             1} {
		args := []any{h.ID}
		if !strings.Contains(what, "$1") {
			args = nil
		}
		if n := p.count(t, what, args...); n != want {
			t.Errorf("%d times %s", n, what)
		}
	}
	p.checkSound(t)
}

func TestA14TheSameKeyForSomethingElseIsRefused(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, ben := newPractice(t, db), someone(t, db), someone(t, db)
	free := p.soon(t)
	h := p.holds(t, maya, free[0])
	first := wanted(h, maya, "key")
	if _, err := Confirm(t.Context(), p.In(maya.account), first); err != nil {
		t.Fatal(err)
	}
	before := p.everything(t)
	born := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	for what, change := range map[string]func(*Confirmation){
		"another note":    func(c *Confirmation) { c.Details.Note = "" },
		"another name":    func(c *Confirmation) { c.Details.Name = "Ben" },
		"another phone":   func(c *Confirmation) { c.Details.Phone = "" },
		"another mail":    func(c *Confirmation) { c.Details.Email = "other@example.test" },
		"another birth":   func(c *Confirmation) { c.Details.Born = &born },
		"no birth":        func(c *Confirmation) { c.Details.Born = nil },
		"another payer":   func(c *Confirmation) { c.Details.PayerID = "ins-1" },
		"another consent": func(c *Confirmation) { c.Details.ConsentVersion = "share-2" },
		"another hold":    func(c *Confirmation) { c.Held.ID = uuid.New() },
	} {
		c := first
		change(&c)
		if answer, err := Confirm(t.Context(), p.In(c.Account), c); !errors.Is(err, ErrOtherUse) || answer != "" {
			t.Errorf("%s: %q, %v", what, answer, err)
		}
	}
	again := first // the same details from another form: pointers and answers differ, the request does not
	same := *first.Details.Born
	again.Details.Born, again.Answer = &same, "/elsewhere"
	if answer, err := Confirm(t.Context(), p.In(maya.account), again); err != nil || answer != first.Answer {
		t.Errorf("the same again: %q, %v", answer, err)
	}
	if p.everything(t) != before {
		t.Error("a replay wrote something")
	}
	// A key is its account's own: another person's hold of theirs is booked by the same key, and is theirs.
	his := wanted(p.holds(t, ben, free[1]), ben, "key")
	if answer, err := Confirm(t.Context(), p.In(ben.account), his); err != nil || answer != his.Answer {
		t.Errorf("A49 another person's key: %q, %v", answer, err)
	}
	stolen := first
	stolen.Account, stolen.Holder = ben.account, ben.holder
	if answer, err := Confirm(t.Context(), p.In(ben.account), stolen); !errors.Is(err, ErrOtherUse) || answer != "" {
		t.Errorf("A49 another person's request: %q, %v", answer, err)
	}
}

func TestRule1_8NewOrKnownIsDerivedFromTheHistoryWithThisOrganization(t *testing.T) {
	db := pgtest.Open(t)
	p, other, maya := newPractice(t, db), newPractice(t, db), someone(t, db)
	free := p.soon(t)
	isNew := func(p *practice, b Booked) bool {
		return pgtest.Value[bool](t, p.Clinic, "select is_new from appointment where id = $1", b.ID)
	}
	first := p.books(t, maya, free[0])
	if !isNew(p, first) {
		t.Error("the first visit is not a new patient's")
	}
	if isNew(p, p.books(t, maya, free[1])) {
		t.Error("the second visit is a new patient's")
	}
	if !isNew(other, other.books(t, maya, other.soon(t)[0])) {
		t.Error("another organization knows her")
	}
	lone := someone(t, db)
	b := p.books(t, lone, free[2])
	if err := p.cancel(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if !isNew(p, p.books(t, lone, free[3])) {
		t.Error("who only ever cancelled is known")
	}
	if n := p.count(t, "patient"); n != 2 {
		t.Errorf("%d charts of two people", n)
	}
	p.checkSound(t)
}

func TestAConfirmationKeepsTheChartTheConsentAndTheTraceAndNothingOfThePersonLeaksIntoThem(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db), someone(t, db)
	h := p.holds(t, maya, p.soon(t)[0])
	c := wanted(h, maya, "key")
	c.Details.Name, c.Details.Note, c.Details.PayerID = "Zanzibar Quux", "canary in the note", "ins-1"
	p.SQL(t, "update offering set payers_accepted = '{ins-1}'")
	if _, err := Confirm(t.Context(), p.In(maya.account), c); err != nil {
		t.Fatal(err)
	}
	if hash := pgtest.Value[[]byte](t, p.Clinic,
		"select text_hash from consent where purpose = 'share' and version = 'share-1' and state = 'granted'"); string(
		hash) != string(sum("I agree to share.")) {
		t.Errorf("the consent's hash is %x", hash)
	}
	row, err := p.Queries(maya.account).AppointmentPage(t.Context(), h.ID, &maya.account)
	if err != nil || row.Patient != "Zanzibar Quux" || row.Note != c.Details.Note || row.PayerID != "ins-1" ||
		row.Status != "booked" || row.Sequence != 0 {
		t.Errorf("the appointment is %+v, %v", row, err)
	}
	for what, want := range map[string]int64{
		"audit.event where action = 'book' and actor = $1 and patient = $1 and request_id = 'test' and outcome = 'success' and tenant_id = $2": 1,
		"outbox.event where kind = 'appointment.booked' and tenant_id = $2 and $1::uuid is not null":                                           1,
		"audit.event e where tenant_id = $2 and e::text ~* 'canary|zanzibar|maya@|401555' and $1::uuid is not null":                            0,
		"outbox.event e where tenant_id = $2 and e::text ~* 'canary|zanzibar|maya@|401555' and $1::uuid is not null":                           0,
		// the search itself finds
		"patient e where e::text ~* 'zanzibar' and account_id = $1 and $2::uuid is not null": 1,
	} {
		if n := p.count(t, what, maya.account, p.ID); n != want {
			t.Errorf("%d times %s, not %d", n, what, want)
		}
	}
}

func TestAHoldIsExtendedOnceOnly(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, ben := newPractice(t, db), someone(t, db), someone(t, db)
	h := p.holds(t, maya, p.soon(t)[0])
	if _, err := Extend(t.Context(), p.In(ben.account), h.ID, ben.holder); !errors.Is(err, ErrGone) {
		t.Errorf("Ben extends Maya's hold: %v", err)
	}
	won := 0
	for _, err := range together(8, func(int) error {
		var until time.Time
		err := patiently(func() (err error) {
			until, err = Extend(t.Context(), p.In(maya.account), h.ID, maya.holder)
			return err
		})
		if err == nil && !until.Equal(h.Until.Add(MoreTime)) {
			t.Errorf("extended from %v to %v", h.Until, until)
		}
		return err
	}) {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrGone) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("extended %d times", won)
	}
	if again := p.holds(t, maya, p.soon(t)[0]); again.ID == h.ID {
		t.Error("another time gave the extended hold") // the first slot is no longer listed: this is the next one
	}
	p.checkSound(t)
	dead := p.holds(t, ben, p.soon(t)[3])
	p.runsOut(t, dead, 0)
	if _, err := Extend(t.Context(), p.In(ben.account), dead.ID, ben.holder); !errors.Is(err, ErrGone) {
		t.Errorf("extending a dead hold: %v", err)
	}
}

func TestDeadHoldsLapseWithATraceAndLivingOnesStay(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db), people(t, db, 4)
	free := p.soon(t)
	for i, who := range crowd[:3] {
		h := p.holds(t, who, free[i])
		if i > 0 {
			p.runsOut(t, h, time.Duration(i)*time.Minute)
		}
	}
	p.books(t, crowd[3], free[5])
	for _, want := range []int64{2, 0} {
		n, err := LapseDeadHolds(t.Context(), p.In(uuid.Nil))
		if err != nil || n != want {
			t.Errorf("%d holds lapsed, not %d: %v", n, want, err)
		}
	}
	for what, want := range map[string]int64{"appointment where status = 'held'": 1,
		"appointment where status = 'lapsed'": 2, "appointment where status = 'booked'": 1,
		"claim where state <> 'released'": 2, "outbox.event where kind = 'appointment.released' and tenant_id = '" +
			p.ID.String() + "'": 2,
		"audit.event where action = 'lapse hold' and actor is null and tenant_id = '" + p.ID.String() + "'": 2} {
		if n := p.count(t, what); n != want {
			t.Errorf("%d times %s, not %d", n, what, want)
		}
	}
	p.checkSound(t)
}

func TestAHoldThatCannotEndKeepsNoOtherFromEnding(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db), people(t, db, 3)
	free := p.soon(t)
	var held []Held
	for i, who := range crowd {
		held = append(held, p.holds(t, who, free[i]))
		p.runsOut(t, held[i], time.Duration(3-i)*time.Hour) // the first ran out first
	}
	broken := `create function ` + p.Schema + `.broken() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`
	db.Admin(t, broken)
	db.Admin(t, `create trigger broken before update on `+p.Schema+`.appointment for each row when (new.id = '`+
		held[0].ID.String()+`') execute function `+p.Schema+`.broken()`)
	n, err := LapseDeadHolds(t.Context(), p.In(uuid.Nil))
	if n != 2 || err == nil || !strings.Contains(err.Error(), held[0].ID.String()) {
		t.Errorf("%d holds lapsed beside one that cannot: %v", n, err)
	}
	db.Admin(t, `drop trigger broken on `+p.Schema+`.appointment`)
	if n, err := LapseDeadHolds(t.Context(), p.In(uuid.Nil)); n != 1 || err != nil {
		t.Errorf("once it can: %d, %v", n, err)
	}
	p.checkSound(t)
}

func sum(text string) []byte {
	h := sha256.Sum256([]byte(text))
	return h[:]
}

func TestAConfirmationWhoseVisitorHasGoneIsWholeOrNothing(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db), someone(t, db)
	h := p.holds(t, maya, p.soon(t)[0])
	before := p.everything(t)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := p.confirm(gone, maya, h, "k"); err == nil || errors.Is(err, ErrTaken) || errors.Is(err, ErrGone) {
		t.Errorf("a visitor who left is told %v", err)
	}
	if p.everything(t) != before {
		t.Error("something was written for a visitor who had left")
	}
	if err := p.confirm(t.Context(), maya, h, "k"); err != nil {
		t.Errorf("back again: %v", err)
	}
}
