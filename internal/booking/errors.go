package booking

import (
	"errors"

	"kindward/internal/tenancy"
)

// What can stand between a person and a time.
var (
	ErrTaken    = errors.New("another person has this time")
	ErrGone     = errors.New("the hold has run out or the appointment has changed")
	ErrChanged  = errors.New("the offering or its rules have changed")
	ErrAnswered = errors.New("this request was answered before")
	ErrOtherUse = errors.New("this request key was used for another request")
	ErrTooLate  = errors.New("too close to the appointment")
)

// tries is how often a statement that lost to a neighbour's lock is run again; each is complete in itself.
const tries = 4

// verdict turns a refused statement into the domain's word for it. again means: the same statement may succeed now.
func verdict(err error) (_ error, again bool) {
	switch tenancy.Code(err) {
	case "KW409", "23P01": // exclusion_violation
		return ErrTaken, false
	case "KW410":
		return ErrGone, false
	case "KW412":
		return ErrChanged, false
	case "KW208":
		return ErrAnswered, false
	case "40P01", "40001": // deadlock, serialization
		return ErrTaken, true
	case "23503", "23505": // a second tab of the same person was faster, or a reference came up twice
		return ErrTaken, true
	}
	return err, false
}

// attempt runs a self-contained statement until it has an answer that is not a neighbour's doing.
func attempt(run func() error) error {
	for n := 1; ; n++ {
		err := run()
		if err == nil {
			return nil
		}
		said, again := verdict(err)
		if !again || n == tries {
			return said
		}
	}
}
