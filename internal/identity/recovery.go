package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// recoveryLetters can be read out and written down: no 0 O 1 I L.
const recoveryLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// RecoveryCodes is how many codes somebody gets at a time: for when the telephone is gone.
const RecoveryCodes = 10

// recoveryCodes are fresh codes of 8 letters, 39 bits each, with the hashes under which they are kept.
func recoveryCodes(ring *keys.Keyring, id uuid.UUID) (codes []string, hashes [][]byte) {
	for range RecoveryCodes {
		var b strings.Builder
		for i := 0; i < 8; {
			var one [1]byte
			rand.Read(one[:])
			if int(one[0]) >= 8*len(recoveryLetters) {
				continue // else some letters would come more often
			}
			if i == 4 {
				b.WriteByte('-')
			}
			b.WriteByte(recoveryLetters[int(one[0])%len(recoveryLetters)])
			i++
		}
		codes = append(codes, b.String())
		hashes = append(hashes, recoveryHash(ring, id, b.String()))
	}
	return codes, hashes
}

// recoveryHash reads a code as people type it: small letters, other strokes, spaces.
func recoveryHash(ring *keys.Keyring, id uuid.UUID, code string) []byte {
	mac := hmac.New(sha256.New, ring.Vault().Derive("recovery code", 32))
	mac.Write(id[:])
	mac.Write([]byte(PlainCode(code)))
	return mac.Sum(nil)
}

// PlainCode is a code without what people put between its letters, in capitals.
func PlainCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, typed)
}

// UseRecovery proves the second factor by a recovery code, once per code, and tells the owner. ErrCode or
// *TooManyError.
func UseRecovery(ctx context.Context, mail Mail, limiter AttemptLimiter, caller tenancy.Caller, who Account,
	code string, now time.Time) (left int, err error) {
	reserved, err := reserveSecondStep(ctx, limiter, caller, who.ID)
	if err != nil {
		return 0, err
	}
	scope := ownScope(mail.Gateway, caller, who.ID)
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		n, err := q.UseRecoveryCode(ctx, recoveryHash(mail.Keys, who.ID, code), now, who.ID)
		left = int(n)
		return notify.RecoveryCodeUsed{Recipient: recipient(who), Left: left}, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, refuseStep(ctx, mail.Gateway.Identity(scope), who.ID)
	}
	if err != nil {
		return 0, err
	}
	reserved.Good(ctx)
	return left, nil
}

// NewRecoveryCodes replaces all recovery codes of an account that has an app, and tells the owner. It ends all
// sessions; that of who goes on in the epoch that is given back. ErrNotFound: there is no app, or the session of who
// has ended meanwhile.
func NewRecoveryCodes(ctx context.Context, mail Mail, caller tenancy.Caller, who Account,
	now time.Time) (codes []string, epoch int64, err error) {
	codes, hashes := recoveryCodes(mail.Keys, who.ID)
	scope := ownScope(mail.Gateway, caller, who.ID)
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (_ notify.Entry, err error) {
		epoch, err = q.ReplaceRecoveryCodes(ctx, shareddb.ReplaceRecoveryCodesParams{AccountID: who.ID,
			Epoch: who.SessionEpoch, Now: now, Hashes: hashes})
		return notify.RecoveryCodesMade{Recipient: recipient(who)}, noRowIs(ErrNotFound, err)
	})
	if err != nil {
		return nil, 0, err
	}
	return codes, epoch, nil
}
