package booking

import (
	"errors"
	"fmt"

	"kindward/internal/tenancy"
)

// What can stand between a person and a time.
var (
	ErrTaken    = errors.New("another person has this time")
	ErrAlike    = errors.New("somebody on file may be the same person")
	ErrGone     = errors.New("the hold has run out or the appointment has changed")
	ErrChanged  = errors.New("the offering or its rules have changed")
	ErrAnswered = errors.New("this request was answered before")
	ErrOtherUse = errors.New("this request key was used for another request")
	ErrEarly    = errors.New("the day of the visit has not come")
	ErrMarked   = errors.New("the visit is marked so already")
	ErrNotHere  = errors.New("no visit of this organization")
	ErrTooLate  = errors.New("too close to the appointment")

	ErrBeforehand = errors.New("it is not yet time to mark the visit so, and nobody was asked")

	ErrOwnHolds     = errors.New("the same person holds as many times as one may")
	ErrNetworkHolds = errors.New("others of the same network hold as many times as it may")
	ErrVisitorHolds = errors.New("visitors hold as many of these times as they may")

	ErrDayBookings     = errors.New("the same account has as many visits on the day as it may")
	ErrPlaceBookings   = errors.New("the same account has as many visits to come here as it may")
	ErrAccountBookings = errors.New("the same account has as many visits to come as it may")

	ErrNoNewPatients = errors.New("the offering takes no new patients")
	ErrNoConsent     = errors.New("the consent to share the details does not stand any more")
	ErrPlan          = errors.New("the offering does not take this plan")
	ErrNoAddress     = errors.New("a visit at home needs an address")
	ErrOtherPerson   = errors.New("the account's chart is another person's, by name and date of birth")
)

// errOtherChart: the person's chart was made in another way than by a booking, so it has another id.
var errOtherChart = errors.New("the chart has another id")

// errOutrun means that a time is free, but each turn for it was lost to what others did meanwhile, such as the same
// person in other tabs. It is not taken.
var errOutrun = fmt.Errorf("%w: others were faster each time", tenancy.ErrBusy)

// errorOf turns a refused statement into the domain's word for it. again means: nothing was written and the same
// statements may succeed now. A lost connection is neither: attempt asks
// again.
func errorOf(err error) (_ error, again bool) {
	switch code, statement := tenancy.Code(err), tenancy.Statement(err); code {
	case "KW409", "23P01": // exclusion_violation
		return ErrTaken, false
	case "KW410":
		return ErrGone, false
	case "KW411":
		return ErrEarly, false
	case "KW412":
		return ErrChanged, false
	case "KW413":
		return ErrPlan, false
	case "KW414":
		return ErrNoNewPatients, false
	case "KW415":
		return ErrNetworkHolds, false
	case "KW416":
		return ErrVisitorHolds, false
	case "KW417":
		return ErrOwnHolds, false
	case "KW418":
		return ErrDayBookings, false
	case "KW419":
		return ErrPlaceBookings, false
	case "KW441":
		return ErrOtherPerson, false
	case "KW440":
		return ErrNoAddress, false
	case "KW443":
		return ErrAlike, false
	case "KW442":
		return ErrNoConsent, false
	case "KW429":
		return ErrAccountBookings, false
	case "23503": // foreign_key_violation
		if statement == "BookHold" {
			return errOtherChart, false
		}
		return ErrChanged, false // what the offering names was there when the page was made
	case "23505": // unique_violation
		switch statement {
		case "InsertRequestKey":
			return ErrAnswered, false
		case "InsertHold": // the person holds something here: look again
			return ErrTaken, false
		}
		return fmt.Errorf("%w: %w", tenancy.ErrBusy, err), true // a second tab of the same person was faster
	case "40P01", "40001": // deadlock_detected, serialization_failure
		return fmt.Errorf("%w: %w", tenancy.ErrBusy, err), true
	}
	return err, false
}
