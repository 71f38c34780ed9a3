package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// ChallengePasskey asks a device for a passkey: any of this site's when whose is uuid.Nil, else one of that account's,
// which must have shown something before, because the challenge names its passkeys; q is that account's. ErrPasskey:
// that account has none.
func ChallengePasskey(ctx context.Context, q *shareddb.Queries, base *url.URL, whose uuid.UUID) (Challenge, error) {
	party, err := relyingParty(base)
	if err != nil {
		return Challenge{}, err
	}
	if whose == uuid.Nil {
		options, state, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return Challenge{}, err
		}
		return newChallenge(options.Response, state)
	}
	who, err := readKeyholder(ctx, q, whose)
	if errors.Is(err, ErrNotFound) || err == nil && len(who.keys) == 0 {
		return Challenge{}, ErrPasskey
	}
	if err != nil {
		return Challenge{}, err
	}
	options, state, err := party.BeginLogin(who, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, err
	}
	return newChallenge(options.Response, state)
}

// wrongPasskeys are those that one range of addresses may show: what they cost is lines in the audit. A right one
// cannot be guessed and waits for nobody (A44).
var wrongPasskeys = AttemptLimit{"wrong passkeys", 100, 15 * time.Minute, Sliding}

// ProvePasskey finds the account that a device answered for. It counts as two factors: the device, and the finger,
// face or PIN that it wanted to see. action is what the audit calls it. ErrPasskey, ErrPasskeyCopied (told by email)
// or *TooManyError otherwise.
func ProvePasskey(ctx context.Context, mail Mail, limiter AttemptLimiter, base *url.URL, caller tenancy.Caller,
	answer PasskeyAnswer, action string, now time.Time) (Account, error) {
	party, err := relyingParty(base)
	if err != nil {
		return Account{}, err
	}
	who, key, err := verifyPasskey(ctx, mail.Gateway, caller, party, answer)
	if errors.Is(err, ErrPasskey) {
		if _, often := limiter.Reserve(ctx, wrongPasskeys.For(Range(caller.IP))); often != nil {
			return Account{}, often
		}
		return Account{}, refuseSignIn(ctx, mail.Gateway, caller, who.ID, action, err)
	}
	if err != nil {
		return Account{}, err
	}
	if err := usePasskey(ctx, mail, caller, who, key, action, now); err != nil {
		return Account{}, err
	}
	return who.Account, nil
}

// verifyPasskey checks the answer against the passkeys of whoever the device says it is for. ErrPasskey tells whose
// they are, if that is known.
func verifyPasskey(ctx context.Context, gateway *tenancy.Gateway, caller tenancy.Caller, party *webauthn.WebAuthn,
	shown PasskeyAnswer) (keyholder, *webauthn.Credential, error) {
	var state webauthn.SessionData
	if err := json.Unmarshal(shown.State, &state); err != nil || state.Challenge == "" ||
		len(state.CredParams) > 0 { // the last: a challenge to make one
		return keyholder{}, nil, ErrPasskey
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(shown.Response)
	if err != nil {
		return keyholder{}, nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	said := state.UserID
	if said == nil {
		said = answer.Response.UserHandle
	}
	id, err := uuid.FromBytes(said)
	if err != nil {
		return keyholder{}, nil, fmt.Errorf("%w: it is for nobody here", ErrPasskey)
	}
	who, err := readKeyholder(ctx, ownQueries(gateway, caller, id), id)
	if errors.Is(err, ErrNotFound) {
		return who, nil, fmt.Errorf("%w: there is no such account", ErrPasskey)
	}
	if err != nil {
		return who, nil, err
	}
	who.shareable(answer)
	var key *webauthn.Credential
	if state.UserID == nil {
		_, key, err = party.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) { return who, nil }, state,
			answer)
	} else {
		key, err = party.ValidateLogin(who, state, answer)
	}
	if err != nil {
		return who, nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	return who, key, nil
}

// shareable lets the passkey that an answer is of become one that its owner's devices share. The library takes a change
// of that flag for another key and would lock its owner out; makers of devices turn it on for keys of before. It is
// kept only if the whole answer is right. The way back stays shut: a key that was shared and says that it never was is
// none of ours.
func (k keyholder) shareable(answer *protocol.ParsedCredentialAssertionData) {
	if !answer.Response.AuthenticatorData.Flags.HasBackupEligible() {
		return
	}
	for i := range k.keys {
		if bytes.Equal(k.keys[i].ID, answer.RawID) {
			k.keys[i].Flags.BackupEligible = true
		}
	}
}

// usePasskey writes the use down. The database compares the counters again: of two uses at once with one number, one is
// refused.
func usePasskey(ctx context.Context, mail Mail, caller tenancy.Caller, who keyholder, key *webauthn.Credential,
	action string,
	now time.Time) error {
	var id uuid.UUID
	for i, k := range who.keys {
		if bytes.Equal(k.ID, key.ID) {
			id = who.ids[i]
		}
	}
	scope := ownScope(mail.Gateway, caller, who.ID)
	if !key.Authenticator.CloneWarning {
		raw, err := json.Marshal(key)
		if err != nil {
			return err
		}
		_, err = mail.Gateway.Identity(scope).UsePasskey(ctx, shareddb.UsePasskeyParams{Credential: raw, Now: now, ID: id,
			Counter: int64(key.Authenticator.SignCount), Shared: key.Flags.BackupEligible, Action: action})
		if !noRow(err) {
			return err
		}
	}
	err := mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		return notify.PasskeyCopied{Recipient: recipient(who.Account)}, q.RefusePasskey(ctx, &id)
	})
	if err != nil {
		return err
	}
	return ErrPasskeyCopied
}
