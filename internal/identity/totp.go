package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// period is how long a code lives, in seconds (RFC 6238). The codes of the step before and after are good too: clocks
// differ.
const period = 30

// Guesses at codes, whichever kind, from narrow to wide: 5 of 1,000,000 in a quarter of an hour from anywhere (A34).
// One network has not all of them, and a browser that the account knows has its own: whoever found out the password
// keeps nobody out by guessing (A44).
var (
	secondStepHere  = AttemptLimit{"second step here", 3, 15 * time.Minute, Rolling} // one account from one range
	secondSteps     = AttemptLimit{"second step", 5, 15 * time.Minute, Rolling}
	secondStepKnown = AttemptLimit{"second step known", 5, 15 * time.Minute, Rolling} // from its own browser
)

// reserveSecondStep counts a guess at a code of an account. A password that was reset by email makes no browser known:
// the second step is for when the emails are read by another.
func reserveSecondStep(ctx context.Context, limiter AttemptLimiter, caller tenancy.Caller,
	account uuid.UUID) (Reservation, error) {
	reserved, err := limiter.Reserve(ctx, secondStepHere.For(account.String(), Range(caller.IP)),
		secondSteps.For(account.String()))
	if !limited(err) {
		return reserved, err
	}
	limiter.Browser.Reset = uuid.Nil
	return reserveKnown(ctx, limiter, caller, account, err, secondStepKnown)
}

// BeginTOTP makes a fresh secret for an authenticator app; it counts when a code of it was typed in the same session.
// Other sessions neither see it nor take it into use: whoever knows the password could know the secret as well, or have
// chosen it. ErrTOTPOn: one is in use.
func BeginTOTP(ctx context.Context, q *shareddb.Queries, ring *keys.Keyring, id, session uuid.UUID) error {
	raw := make([]byte, 20)
	rand.Read(raw)
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	_, err := q.BeginTOTP(ctx, id, ring.Seal("totp", []byte(secret), pendingLabel(id, session)))
	return refused(err)
}

// PendingTOTP is the key that is being set up in a session, for the app to read. ErrNotFound: none is, or in another;
// keys.ErrKeyGone: its key is lost.
func PendingTOTP(ctx context.Context, q *shareddb.Queries, ring *keys.Keyring, who Account,
	session uuid.UUID) (*otp.Key, error) {
	row, err := q.TOTPSecret(ctx, who.ID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.ConfirmedAt != nil {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	secret, err := ring.Open("totp", row.Secret, pendingLabel(who.ID, session))
	if errors.Is(err, keys.ErrSealed) && !errors.Is(err, keys.ErrKeyGone) {
		return nil, ErrNotFound // another session's
	}
	if err != nil {
		return nil, err
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(secret))
	if err != nil {
		return nil, err
	}
	return totp.Generate(totp.GenerateOpts{Issuer: "Kindward", AccountName: who.Email, Secret: raw})
}

// ConfirmTOTP takes the pending secret into use when the code is of it, and gives ten recovery codes to keep. It ends
// all sessions of the account: they rest on the password alone, which opens nothing any more. The session of who goes
// on in the epoch that is given back. ErrCode, ErrNotFound, ErrTOTPOn or *TooManyError.
func ConfirmTOTP(ctx context.Context, mail Mail, limiter AttemptLimiter, caller tenancy.Caller, who Account,
	session uuid.UUID, code string, now time.Time) (recovery []string, epoch int64, err error) {
	scope := ownScope(mail.Gateway, caller, who.ID)
	key, err := PendingTOTP(ctx, mail.Gateway.Identity(scope), mail.Keys, who, session)
	if err != nil {
		return nil, 0, err
	}
	reserved, err := reserveSecondStep(ctx, limiter, caller, who.ID)
	if err != nil {
		return nil, 0, err
	}
	step, ok := stepOf(key.Secret(), code, now)
	if !ok {
		return nil, 0, ErrCode
	}
	codes, hashes := recoveryCodes(mail.Keys, who.ID)
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.ConfirmTOTP(ctx, shareddb.ConfirmTOTPParams{Now: now, Step: step, AccountID: who.ID,
			Epoch: who.SessionEpoch, Secret: sealSecret(mail.Keys, who.ID, key.Secret()), Hashes: hashes})
		epoch = row.Epoch
		return notify.SecondFactorOn{Recipient: recipient(who)}, noRowIs(ErrNotFound, err)
	})
	if err != nil {
		return nil, 0, err
	}
	reserved.Good(ctx)
	return codes, epoch, nil
}

// UseTOTP proves the second factor by a code of the app, once per code. ErrCode or *TooManyError.
func UseTOTP(ctx context.Context, limiter AttemptLimiter, ring *keys.Keyring, caller tenancy.Caller, id uuid.UUID,
	code string, now time.Time) error {
	reserved, err := reserveSecondStep(ctx, limiter, caller, id)
	if err != nil {
		return err
	}
	q := ownQueries(limiter.Gateway, caller, id)
	row, err := q.TOTPSecret(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.ConfirmedAt == nil {
		return refuseStep(ctx, q, id)
	}
	if err != nil {
		return err
	}
	secret, err := openSecret(ring, id, row.Secret)
	if err != nil {
		return err
	}
	step, ok := stepOf(secret, code, now)
	if !ok {
		return refuseStep(ctx, q, id)
	}
	_, err = q.UseTOTPStep(ctx, id, step)
	if err = noRowIs(ErrCode, err); errors.Is(err, ErrCode) {
		return refuseStep(ctx, q, id) // used before (A34), or turned off meanwhile
	}
	if err != nil {
		return err
	}
	reserved.Good(ctx)
	return nil
}

// refuseStep writes the failed attempt to the audit.
func refuseStep(ctx context.Context, q *shareddb.Queries, id uuid.UUID) error {
	if err := q.WriteAccountEvent(ctx, &id, "second-factor", "denied"); err != nil {
		return err
	}
	return ErrCode
}

// RemoveTOTP turns the app and the recovery codes off and tells the owner. It ends all sessions; that of who goes on in
// the epoch that is given back. ErrNotFound: there is no app, or the session of who has ended meanwhile.
func RemoveTOTP(ctx context.Context, mail Mail, caller tenancy.Caller, who Account, now time.Time) (epoch int64,
	err error) {
	scope := ownScope(mail.Gateway, caller, who.ID)
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (_ notify.Entry, err error) {
		epoch, err = q.RemoveTOTP(ctx, who.SessionEpoch, now, who.ID)
		return notify.SecondFactorOff{Recipient: recipient(who)}, noRowIs(ErrNotFound, err)
	})
	return epoch, err
}

// stepOf finds which of the three steps round now a code belongs to. All three are compared, whichever fits.
func stepOf(secret, code string, now time.Time) (step int64, ok bool) {
	at := now.Unix() / period
	for _, n := range []int64{at - 1, at, at + 1} {
		want, err := CodeAt(secret, time.Unix(n*period, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = n, true
		}
	}
	return step, ok
}

// CodeAt is the code that an app with this secret shows at a time.
func CodeAt(secret string, at time.Time) (string, error) { return totp.GenerateCode(secret, at) }

// SeedSecondFactor gives an account a second step with a known secret, for demonstrations.
func SeedSecondFactor(ctx context.Context, gateway *tenancy.Gateway, ring *keys.Keyring, id uuid.UUID, secret string,
	now time.Time) error {
	return gateway.Identity(gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: id})).AddTOTP(ctx, id,
		sealSecret(ring, id, secret), &now)
}

func sealSecret(ring *keys.Keyring, id uuid.UUID, secret string) []byte {
	return ring.Seal("totp", []byte(secret), []byte("directory.totp|secret|"+id.String()))
}

// pendingLabel binds a secret that is being set up to the session that does it.
func pendingLabel(id, session uuid.UUID) []byte {
	return []byte("directory.totp|pending|" + id.String() + "|" + session.String())
}

func openSecret(ring *keys.Keyring, id uuid.UUID, sealed []byte) (string, error) {
	plain, err := ring.Open("totp", sealed, []byte("directory.totp|secret|"+id.String()))
	return string(plain), err
}
