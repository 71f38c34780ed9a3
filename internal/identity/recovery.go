package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// recoveryLetters can be read out and written down: no 0 O 1 I L.
const recoveryLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// RecoveryCodes is how many codes somebody gets at a time: for when the telephone is gone.
const RecoveryCodes = 10

// recoveryCodes are fresh codes of 8 letters, 39 bits each, with the hashes under which they are kept.
func (a *Accounts) recoveryCodes(id uuid.UUID) (codes []string, hashes [][]byte) {
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
		hashes = append(hashes, a.recoveryHash(id, b.String()))
	}
	return codes, hashes
}

// recoveryHash reads a code as people type it: small letters, other strokes, spaces.
func (a *Accounts) recoveryHash(id uuid.UUID, code string) []byte {
	mac := hmac.New(sha256.New, a.keys.Vault().Derive("recovery code", 32))
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

// UseRecovery proves the second factor by a recovery code, once per code, and tells the owner. ErrCode or *TooManyError.
func (a *Accounts) UseRecovery(ctx context.Context, caller tenancy.Caller, who Account, code string) (left int, err error) {
	reserved, err := a.limiter.Reserve(ctx, secondSteps.For(who.ID.String()))
	if err != nil {
		return 0, err
	}
	err = a.commit(ctx, a.scope(caller, who.ID), func(q *shareddb.Queries) (notify.Entry, error) {
		n, err := q.UseRecoveryCode(ctx, a.recoveryHash(who.ID, code), a.now(), who.ID)
		left = int(n)
		return notify.RecoveryCodeUsed{Recipient: recipient(who), Left: left}, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, a.refuseStep(ctx, caller, who.ID)
	}
	if err != nil {
		return 0, err
	}
	return left, reserved.Cancel(ctx)
}

// NewRecoveryCodes replaces all recovery codes of an account.
func (a *Accounts) NewRecoveryCodes(ctx context.Context, caller tenancy.Caller, id uuid.UUID) ([]string, error) {
	codes, hashes := a.recoveryCodes(id)
	return codes, a.own(caller, id).ReplaceRecoveryCodes(ctx, id, hashes)
}

// CheckPassword proves once more who somebody is. ErrNoMatch, *TooManyError or ErrBusy.
func (a *Accounts) CheckPassword(ctx context.Context, caller tenancy.Caller, id uuid.UUID, password string) error {
	reserved, err := a.limiter.Reserve(ctx, signInAccount.For(id.String()), secondSteps.For("password", id.String()))
	if err != nil {
		return err
	}
	hash, err := a.gateway.Public().PasswordHash(ctx, id)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	match, _, err := a.Passwords.Verify(ctx, password, hash)
	if err != nil {
		return err
	}
	if !match {
		return a.refuse(ctx, caller, id)
	}
	return reserved.Cancel(ctx)
}

// Person is an account by its id. ErrNoMatch: there is none, or it is disabled.
func (a *Accounts) Person(ctx context.Context, id uuid.UUID) (Account, error) {
	row, err := a.gateway.Public().ActiveAccount(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, ErrNoMatch
	}
	return Account{ID: row.ID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born}, err
}
