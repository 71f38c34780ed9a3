package booking

import (
	"errors"
	"fmt"

	"kindward/internal/tenancy"
)

// What can stand between a person and a time.
var (
	ErrTaken    = errors.New("another person has this time")
	ErrGone     = errors.New("the hold has run out or the appointment has changed")
	ErrChanged  = errors.New("the offering or its rules have changed")
	ErrAnswered = errors.New("this request was answered before")
	ErrOtherUse = errors.New("this request key was used for another request")
	ErrEarly    = errors.New("the day of the visit has not come")
	ErrNotHere  = errors.New("no visit of this organization")
	ErrTooLate  = errors.New("too close to the appointment")
)

// tries is how often a statement that lost to a neighbor's lock is run again; each is complete in itself.
const tries = 4

// errorOf turns a refused statement into the domain's word for it. again means: nothing was written and the same
// statement may succeed now. A lost connection is neither: nobody knows what it wrote.
func errorOf(err error) (_ error, again bool) {
	switch tenancy.Code(err) {
	case "KW409", "23P01": // exclusion_violation
		return ErrTaken, false
	case "KW410":
		return ErrGone, false
	case "KW411":
		return ErrEarly, false
	case "KW412", "23503": // foreign_key_violation: what the offering names was there when the page was made
		return ErrChanged, false
	case "KW208":
		return ErrAnswered, false
	case "40P01", "40001", // deadlock_detected, serialization_failure
		"23505": // unique_violation: a second tab of the same person was faster, or a reference came up twice
		return fmt.Errorf("%w: %w", tenancy.ErrBusy, err), true
	}
	return err, false
}

// attempt runs a self-contained statement until it has an answer that is not a neighbor's doing. Neighbors that do not
// let up are tenancy.ErrBusy.
func attempt(run func() error) error {
	for n := 1; ; n++ {
		err := run()
		if err == nil {
			return nil
		}
		said, again := errorOf(err)
		if !again || n == tries {
			return said
		}
	}
}
