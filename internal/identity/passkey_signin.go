package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// AskPasskey asks a device for a passkey: any of this site's when whose is uuid.Nil, else one of that account's, which must have shown
// something before, because the question names its passkeys; q is that account's. ErrPasskey: that account has none.
func AskPasskey(ctx context.Context, q *shareddb.Queries, base *url.URL, whose uuid.UUID) (Ceremony, error) {
	party, err := relyingParty(base)
	if err != nil {
		return Ceremony{}, err
	}
	if whose == uuid.Nil {
		options, state, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return Ceremony{}, err
		}
		return ceremony(options.Response, state)
	}
	who, err := readKeyholder(ctx, q, whose)
	if errors.Is(err, ErrNotFound) || err == nil && len(who.keys) == 0 {
		return Ceremony{}, ErrPasskey
	}
	if err != nil {
		return Ceremony{}, err
	}
	options, state, err := party.BeginLogin(who, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return ceremony(options.Response, state)
}

// ProvePasskey finds the account that a device answered for. It counts as two factors: the device, and the finger, face or PIN that it
// wanted to see. action is what the audit calls it. ErrPasskey, ErrPasskeyCopied (told by email) or *TooManyError otherwise.
func (a *Accounts) ProvePasskey(ctx context.Context, caller tenancy.Caller, state, answer []byte, action string) (Account, error) {
	party, err := relyingParty(a.base)
	if err != nil {
		return Account{}, err
	}
	reserved, err := a.limiter.Reserve(ctx, signInRange.For(Range(caller.IP)))
	if err != nil {
		return Account{}, err
	}
	var question webauthn.SessionData
	if err := json.Unmarshal(state, &question); err != nil || question.Challenge == "" || len(question.CredParams) > 0 { // the last: a question to make one
		return Account{}, refuseSignIn(ctx, a.gateway, caller, uuid.Nil, action, ErrPasskey)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Account{}, refuseSignIn(ctx, a.gateway, caller, uuid.Nil, action, fmt.Errorf("%w: %w", ErrPasskey, err))
	}
	who, key, err := a.verifyPasskey(ctx, caller, party, question, parsed)
	if errors.Is(err, ErrPasskey) {
		return Account{}, refuseSignIn(ctx, a.gateway, caller, who.ID, action, err)
	}
	if err != nil {
		return Account{}, err
	}
	if err := a.usePasskey(ctx, caller, who, key, action); err != nil {
		return Account{}, err
	}
	return who.Account, reserved.Cancel(ctx)
}

// verifyPasskey checks the answer against the passkeys of whoever the device says it is for.
func (a *Accounts) verifyPasskey(ctx context.Context, caller tenancy.Caller, party *webauthn.WebAuthn, question webauthn.SessionData, answer *protocol.ParsedCredentialAssertionData) (keyholder, *webauthn.Credential, error) {
	said := question.UserID
	if said == nil {
		said = answer.Response.UserHandle
	}
	id, err := uuid.FromBytes(said)
	if err != nil {
		return keyholder{}, nil, fmt.Errorf("%w: it is for nobody here", ErrPasskey)
	}
	who, err := readKeyholder(ctx, a.own(caller, id), id)
	if errors.Is(err, ErrNotFound) {
		return who, nil, fmt.Errorf("%w: there is no such account", ErrPasskey)
	}
	if err != nil {
		return who, nil, err
	}
	var key *webauthn.Credential
	if question.UserID == nil {
		_, key, err = party.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) { return who, nil }, question, answer)
	} else {
		key, err = party.ValidateLogin(who, question, answer)
	}
	if err != nil {
		return who, nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	return who, key, nil
}

// usePasskey writes the use down. The database compares the counters again: of two uses at once with one number, one is refused.
func (a *Accounts) usePasskey(ctx context.Context, caller tenancy.Caller, who keyholder, key *webauthn.Credential, action string) error {
	var id uuid.UUID
	for i, k := range who.keys {
		if bytes.Equal(k.ID, key.ID) {
			id = who.ids[i]
		}
	}
	q := a.gateway.Shared(a.scope(caller, who.ID))
	if !key.Authenticator.CloneWarning {
		raw, err := json.Marshal(key)
		if err != nil {
			return err
		}
		_, err = q.UsePasskey(ctx, shareddb.UsePasskeyParams{Credential: raw, Now: a.now(), ID: id, Counter: int64(key.Authenticator.SignCount), Action: action})
		if !noRow(err) {
			return err
		}
	}
	err := a.commit(ctx, a.scope(caller, who.ID), func(q *shareddb.Queries) (notify.Entry, error) {
		return notify.PasskeyCopied{Recipient: recipient(who.Account)}, q.RefusePasskey(ctx, &id)
	})
	if err != nil {
		return err
	}
	return ErrPasskeyCopied
}
