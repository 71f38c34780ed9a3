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

func TestE6CancelledAndMovedBookingsFreeTheirTimeAtOnceAndHeldOnesStillCollide(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db), people(t, db, 5)
	free := p.soon(t)
	h := p.holds(t, crowd[0], free[2])
	for _, state := range []string{"held", "booked"} {
		if state == "booked" {
			if err := p.confirm(t.Context(), crowd[0], h, "k"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.hold(t.Context(), crowd[1], free[2]); !errors.Is(err, ErrTaken) || p.free(t, free[2]) {
			t.Errorf("a time that is %s: %v", state, err)
		}
	}
	b := Booked{ID: h.ID, Account: crowd[0].account, Start: free[2]}
	if err := p.move(t.Context(), b, free[3]); err != nil {
		t.Fatal(err)
	}
	if !p.free(t, free[2]) || p.free(t, free[3]) {
		t.Error("the move left the list as it was")
	}
	p.books(t, crowd[1], free[2])
	b.Sequence, b.Start = 1, free[3]
	if err := p.move(t.Context(), b, free[2]); !errors.Is(err, ErrTaken) || p.free(t, free[3]) {
		t.Errorf("moving to a time that is taken: %v", err)
	}
	if err := p.cancel(t.Context(), b); err != nil || !p.free(t, free[3]) {
		t.Errorf("cancelled: %v", err)
	}
	p.books(t, crowd[2], free[3])
	if err := p.cancel(t.Context(), b); !errors.Is(err, ErrGone) {
		t.Errorf("cancelled again: %v", err)
	}
	p.checkSound(t)
}

func TestAMoveByLessThanTheVisitOverlapsOnlyItself(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db, func(c *pgtest.Clinic) { c.Minutes = 60 }), someone(t, db)
	p.SQL(t, "update booking_rule set step_minutes = 20")
	p.Publish(t)
	p.offer = p.Offering(t)
	free := p.soon(t)
	b := p.books(t, maya, free[3])
	if err := p.move(t.Context(), b, free[4]); err != nil {
		t.Errorf("20 minutes later: %v", err)
	}
	p.checkSound(t)
}

func TestE7ATimeShownFreeThatIsTakenMeanwhileIsRefusedWithAlternatives(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db), people(t, db, 3)
	stale := p.soon(t)
	p.books(t, crowd[0], stale[0])
	if _, err := p.hold(t.Context(), crowd[1], stale[0]); !errors.Is(err, ErrTaken) {
		t.Fatalf("a stale time: %v", err)
	}
	near, err := Nearest(t.Context(), NewBusyCache(db.Gateway.Public(), 0, nil), p.offer, stale[0], 3, p.now)
	if err != nil || len(near) != 3 || !near[0].Equal(stale[1]) {
		t.Errorf("offered instead: %v, %v", near, err)
	}
	b := p.books(t, crowd[2], stale[5])
	if err := p.move(t.Context(), b, stale[0]); !errors.Is(err, ErrTaken) {
		t.Errorf("moving to a stale time: %v", err)
	}
	if p.free(t, stale[5]) {
		t.Error("a refused move gave up the old time")
	}
	p.SQL(t, "update offering set schedule_version = schedule_version + 1")
	if _, err := p.hold(t.Context(), crowd[1], stale[7]); !errors.Is(err, ErrChanged) {
		t.Errorf("a time of rules that have changed: %v", err)
	}
	if err := p.move(t.Context(), b, stale[7]); !errors.Is(err, ErrChanged) {
		t.Errorf("moving by rules that have changed: %v", err)
	}
	p.checkSound(t)
}

func TestE8OnesOwnHoldIsFoundAgainAndNobodyStealsItWhileItLives(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, ben := newPractice(t, db), someone(t, db), someone(t, db)
	start := p.soon(t)[4]
	began := time.Now()
	h := p.holds(t, maya, start)
	if again := p.holds(t, maya, start); again.ID != h.ID || !again.Until.Equal(h.Until) {
		t.Errorf("the second click gives %v instead of %v", again, h)
	}
	if page := holdPage(t, p, h, maya); page.Status != "held" || !lives(page, began) {
		t.Errorf("after back the page says %s, %d seconds", page.Status, page.SecondsLeft)
	}
	if _, err := p.Queries(ben.account).HoldPage(t.Context(), h.ID, ben.holder); err == nil {
		t.Error("Ben sees the page of Maya's hold")
	}
	for _, now := range []time.Duration{-2 * time.Hour, 0, 2 * time.Hour} { // F05: the app's clock decides nothing
		p.now = time.Now().Add(now)
		if _, err := p.hold(t.Context(), ben, start); !errors.Is(err, ErrTaken) {
			t.Errorf("with the app's clock at %v Ben is told %v", now, err)
		}
	}
	if until := time.Until(p.holds(t, ben, p.soon(t)[0]).Until); until > HoldTime {
		t.Errorf("with the app's clock two hours ahead a hold lives for %v", until)
	}
	p.now = time.Now()
	if err := Release(t.Context(), p.In(ben.account), h.ID, ben.holder); !errors.Is(err, ErrGone) {
		t.Errorf("Ben releases Maya's hold: %v", err)
	}
	if err := Release(t.Context(), p.In(maya.account), h.ID, maya.holder); err != nil || !p.free(t, start) {
		t.Errorf("released: %v", err)
	}
	stolen := p.holds(t, ben, start)
	p.runsOut(t, stolen, time.Second)
	if !p.free(t, start) {
		t.Error("a hold that ran out is still in the list")
	}
	p.holds(t, maya, start)
	if err := p.confirm(t.Context(), ben, stolen, "late"); !errors.Is(err, ErrGone) {
		t.Errorf("Ben confirms what ran out: %v", err)
	}
	if page := holdPage(t, p, stolen, ben); page.Status != "lapsed" {
		t.Errorf("his page says %s", page.Status)
	}
	p.checkSound(t)
}

func TestE8AnotherTimeOfOnesOwnLetsTheFirstGoButOnlyForASuccess(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, ben := newPractice(t, db), someone(t, db), someone(t, db)
	free := p.soon(t)
	p.holds(t, ben, free[1])
	h := p.holds(t, maya, free[0])
	if _, err := p.hold(t.Context(), maya, free[1]); !errors.Is(err, ErrTaken) {
		t.Fatal(err)
	}
	if page := holdPage(t, p, h, maya); page.Status != "held" {
		t.Errorf("a wish that was refused cost the hold: %s", page.Status)
	}
	p.holds(t, maya, free[2])
	if !p.free(t, free[0]) {
		t.Error("the first time is not free again")
	}
	for what, want := range map[string]int64{
		"outbox.event where kind = 'appointment.released' and subject_id = $1":                     1,
		"audit.event where action = 'lapse hold' and resource_id = $1 and outcome = 'success'":     1,
		"outbox.event where kind = 'appointment.held' and subject_id = $1 and data ? 'resource'":   1,
		"market.busy b join claim c on c.id = b.id where c.appointment_id = $1":                    0,
		"appointment where id = $1 and status = 'lapsed' and account_id is null and note = ''":     1,
		"claim where appointment_id = $1 and state = 'released' and expires_at is null":            1,
		"audit.event where action = 'hold' and resource_id = $1 and request_id = 'test'":           1,
		"audit.event where resource_id = $1 and (patient is not null or on_behalf_of is not null)": 0,
	} {
		if n := p.count(t, what, h.ID); n != want {
			t.Errorf("%d times %s, not %d", n, what, want)
		}
	}
	p.checkSound(t)
}

func TestA13AHoldIsFreeWithinASecondOfItsEnd(t *testing.T) {
	db := pgtest.Open(t)
	p, maya, ben := newPractice(t, db), someone(t, db), someone(t, db)
	for n, left := range []time.Duration{400 * time.Millisecond, 2 * time.Second, 10 * time.Second} {
		start := p.soon(t)[4+n]
		p.runsOut(t, p.holds(t, maya, start), -left)
		end := pgtest.Value[time.Time](t, p.Clinic,
			`select max(expires_at) from claim where state = 'held' and starts_at = $1`, start)
		refused := 0
		for {
			asked := clock(t, db)
			_, err := p.hold(t.Context(), ben, start)
			if err == nil {
				break
			}
			if refused++; !errors.Is(err, ErrTaken) {
				t.Fatal(err)
			}
			if asked.After(end.Add(time.Second)) {
				t.Fatalf("%v after its end it is still not free", asked.Sub(end))
			}
		}
		if now := clock(t, db); now.Before(end) {
			t.Errorf("free %v before its end", end.Sub(now))
		}
		if refused > 0 {
			return
		} // else the machine was too slow to ask before its end
	}
	t.Error("nobody asked before the end: this test proves nothing")
}

// clock is what the database says that it is, which decides when a hold ends.
func clock(t *testing.T, db *pgtest.DB) time.Time {
	t.Helper()
	return pgtest.One[time.Time](t, db, "select clock_timestamp()")
}

func TestE9AFreedTimeCanBeListedHeldAndBookedAtOnce(t *testing.T) {
	db := pgtest.Open(t)
	p, crowd := newPractice(t, db), people(t, db, 6)
	free := p.soon(t)
	last := p.books(t, crowd[0], free[3])
	for _, who := range crowd[1:] {
		if err := p.cancel(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		if !p.free(t, free[3]) {
			t.Fatal("a cancelled time is not in the list")
		}
		last = p.books(t, who, free[3])
	}
	p.checkSound(t)
}

func TestE10AMoveLinkUsedTwiceNeverMakesASecondBooking(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db), someone(t, db)
	free := p.soon(t)
	b := p.books(t, maya, free[0])
	all := together(12, func(i int) error { return p.move(t.Context(), b, free[i+1]) })
	won := 0
	for i, err := range all {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrGone) {
			t.Errorf("use %d of the link: %v", i, err)
		}
	}
	if won != 1 {
		t.Errorf("one link moved %d times", won)
	}
	if err := p.move(t.Context(), b, free[20]); !errors.Is(err, ErrGone) {
		t.Errorf("the link once more: %v", err)
	}
	if n, m := p.count(t, "appointment"), p.count(t, "claim where state <> 'released'"); n != 1 || m != 1 {
		t.Errorf("%d appointments, %d claims", n, m)
	}
	b.Sequence = 1
	if err := p.cancel(t.Context(), Booked{ID: b.ID, Account: uuid.New(), Sequence: 1, Start: b.Start}); !errors.Is(err,
		ErrGone) {
		t.Errorf("somebody else cancels: %v", err)
	}
	p.checkSound(t)
}

func TestAGuessedSequenceCancelsAndMovesNothingPastTheCutOffOfTheTimeThatItIsNow(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db), someone(t, db)
	free := p.soon(t)
	seen := p.books(t, maya, free[len(free)-1]) // what a request has read, before another tab moves the visit
	seen.CancelCutoff = free[len(free)-1].Sub(p.now) - time.Minute
	seen.MoveCutoff = seen.CancelCutoff
	if err := p.move(t.Context(), seen, free[0]); err != nil {
		t.Fatal(err)
	}
	now := seen
	now.Sequence, now.Start = seen.Sequence+1, free[0]
	if err := p.cancel(t.Context(), now); !errors.Is(err, ErrTooLate) {
		t.Fatal("the time that it is now can still be canceled:", err)
	}
	seen.Sequence++ // a guess
	if err := p.cancel(t.Context(), seen); !errors.Is(err, ErrGone) {
		t.Errorf("canceled past the cut-off: %v", err)
	}
	if err := p.move(t.Context(), seen, free[1]); !errors.Is(err, ErrGone) {
		t.Errorf("moved past the cut-off: %v", err)
	}
	now.CancelCutoff = 0
	if err := p.cancel(t.Context(), now); err != nil {
		t.Errorf("control: before the cut-off of the time that it is now: %v", err)
	}
	p.checkSound(t)
}

func TestE17BuffersStepEveryServiceOfThePractitionerAndServicesBlockEachOther(t *testing.T) {
	db := pgtest.Open(t)
	p := newPractice(t, db, func(c *pgtest.Clinic) { c.After = 5 })
	long, crowd := p.alsoOffers(t, 45), people(t, db, 4)
	day := civil.DateOf(p.soon(t)[0]).String()
	for i, want := range []string{"09:00", "09:25", "09:50", "10:15"} {
		if got := p.soon(t)[i].Format("15:04"); got != want {
			t.Errorf("slot %d is at %s, not %s", i, got, want)
		}
	}
	if got := long.soon(t)[1].Format("15:04"); got != "09:50" {
		t.Errorf("45 minutes and 5 of cleaning step to %s", got)
	}
	long.books(t, crowd[0], p.at(day+" 09:00")) // claims until 9:50, cleaning included
	for wall, free := range map[string]bool{"09:00": false, "09:25": false, "09:50": true} {
		start := p.at(day + " " + wall)
		_, err := p.hold(t.Context(), crowd[1], start)
		if p.free(t, start) == free && err == nil { // it is this person's now
			t.Errorf("%s is still in the list", wall)
		}
		if free != (err == nil) {
			t.Errorf("%s: %v", wall, err)
		}
	}
	if _, err := long.hold(t.Context(), crowd[2], p.at(day+" 09:50")); !errors.Is(err, ErrTaken) {
		t.Errorf("the long service over the short one's time: %v", err)
	}
	p.checkSound(t)
}

func TestCutOffsAreKeptToTheSecond(t *testing.T) {
	db := pgtest.Open(t)
	p, maya := newPractice(t, db), someone(t, db)
	free := p.day(t, civil.Today(p.offer.Schedule.Location(), p.now).AddDays(9))
	b := p.books(t, maya, free[0])
	b.MoveCutoff, b.CancelCutoff = 24*time.Hour, 48*time.Hour
	p.now = free[0].Add(-48*time.Hour + time.Second)
	if err := p.cancel(t.Context(), b); !errors.Is(err, ErrTooLate) {
		t.Errorf("cancelled a second too late: %v", err)
	}
	p.now = free[0].Add(-24*time.Hour + time.Second)
	if err := p.move(t.Context(), b, free[1]); !errors.Is(err, ErrTooLate) {
		t.Errorf("moved a second too late: %v", err)
	}
	p.now = free[0].Add(-24 * time.Hour)
	if err := p.move(t.Context(), b, free[1]); err != nil {
		t.Errorf("moved at the last instant: %v", err)
	}
}
