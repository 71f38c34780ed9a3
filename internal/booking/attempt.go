package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kindward/internal/tenancy"
)

// tries is how often a pipeline that lost to a neighbor's lock is run again; each is complete in itself.
const tries = 4

// pauses are those before a pipeline whose end is unknown is asked for again: long enough together for a server that
// only starts anew, short enough for a person who waits.
var pauses = []time.Duration{0, 100 * time.Millisecond, 400 * time.Millisecond, time.Second, 2 * time.Second}

// longest is how long a person waits for all of it: a database that is silent takes ten seconds to count as lost, and
// again ten. Whoever has no answer by then is led to a page that finds out. Tests shorten it.
var longest = 14 * time.Second

// answers are what tells a pipeline that was asked for again what became of it. Not so ErrChanged: the offering is
// looked at before anything that the first time may have ended.
var answers = []error{ErrTaken, ErrGone, ErrEarly, ErrPlan, ErrNoNewPatients, ErrDayBookings, ErrPlaceBookings,
	ErrAccountBookings, ErrAnswered, ErrOtherPerson, ErrNoConsent, errOtherChart}

// attempt runs a self-contained pipeline until it has an answer that is not a neighbor's doing. Neighbors that do not
// let up are tenancy.ErrBusy.
//
// Each pipeline does its thing once, however often it is run: it asks for a state that it ends itself (a sequence, a
// status, a key that nobody used, a person who holds nothing), and waits for a twin that is still under way. So one
// whose connection was lost before its end was heard is asked for again, and the answer says what became of it: done
// now, or refused because it was done. Without an answer it stays tenancy.ErrUnknown, and nobody may say that nothing
// was done.
func attempt(ctx context.Context, run func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	var doubt error
	for n, asked := 1, 0; ; n++ {
		err := run(ctx)
		if err == nil {
			return nil
		}
		said, again := errorOf(err)
		if errors.Is(err, tenancy.ErrUnknown) {
			doubt = err
		}
		switch {
		case doubt == nil && again && n < tries:
			continue
		case doubt == nil || slices.ContainsFunc(answers, func(a error) bool { return errors.Is(said, a) }):
			return said
		case asked == len(pauses) || !rest(ctx, pauses[asked]):
			return unknown(doubt, err)
		}
		asked++
	}
}

// unknown is doubt with what came after it.
func unknown(doubt, last error) error {
	if errors.Is(last, tenancy.ErrUnknown) {
		return last
	}
	return fmt.Errorf("%w, and then: %w", doubt, last)
}

// rest waits; false: nobody waits for the answer any more.
func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
