package identity

import (
	"errors"

	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
)

// What can be said to whoever wants to be let in. Each says the same whether or not an address has an account.
var (
	ErrNoMatch = errors.New("address and password do not belong together")
	ErrBusy    = errors.New("too many passwords are being checked")
	ErrCode    = errors.New("the code is another one")
	ErrRunOut  = errors.New("used before, or its time is over")
	ErrExists  = errors.New("the address has an account already")
	ErrRenamed = errors.New("the name was changed as often as it may be")
	ErrTOTPOn  = errors.New("an authenticator app is in use already")

	ErrNotFound = errors.New("there is none, or it is somebody else's")
)

// refusals are what the statements refuse, by the SQLSTATE that they raise. What is not there is no refusal but no row.
var refusals = map[string]error{
	"KW403": ErrNotYours,
	"KW420": ErrLastOwner,
	"KW421": ErrMember,
	"KW422": ErrSSOTaken,
	"KW423": ErrSSOSecond,
	"KW424": ErrSSOEnded,
	"KW425": ErrNotVouched,
	"KW426": ErrUntried,
	"KW427": ErrDomains,
	"KW428": ErrExists,
	"KW430": ErrTwoAlive,
	"KW431": ErrPasskeyKnown,
	"KW432": ErrUninvited,
	"KW433": ErrTOTPOn,
	"KW434": ErrCode,
	"KW435": ErrHasRole,
	"KW436": ErrOwnRole,
	"KW437": ErrLastAdministrator,
	"KW438": ErrNotReviewable,
	"KW439": ErrTakesTwo,
	"KW444": ErrRenamed,
	"KW445": ErrTakesPart,
	"KW446": ErrManyInvited,
}

// refused turns a refused statement's error into the word for why; other errors stay as they are.
func refused(err error) error {
	if why := refusals[tenancy.Code(err)]; why != nil {
		return why
	}
	return err
}

func noRow(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// noRowIs is refused for statements whose missing row has a word of its own.
func noRowIs(missing, err error) error {
	if noRow(err) {
		return missing
	}
	return refused(err)
}
