package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// What can be said to somebody with a passkey.
var (
	ErrPasskey       = errors.New("the passkey does not prove who asks")
	ErrPasskeyCopied = errors.New("the passkey's counter did not go on")
	ErrPasskeyKnown  = errors.New("the device has a passkey here already, or there are twenty")
	ErrNoPasskeys    = errors.New("passkeys need a site with a name")
)

// PasskeyLife is how long somebody may take to use their device.
const PasskeyLife = 5 * time.Minute

// Challenge is what a device is asked once: what the browser asks it, and what the server keeps until the answer comes.
type Challenge struct {
	Options []byte // JSON for the browser; no secret
	State   []byte // JSON; it stays on the server and is good for one answer
}

// PasskeysWork tells whether a site at this address can have passkeys: browsers bind them to a host's name and want
// it encrypted, or to be this machine.
func PasskeysWork(base *url.URL) bool {
	_, isNumber := netip.ParseAddr(base.Hostname())
	return isNumber != nil && (base.Scheme == "https" || base.Hostname() == "localhost")
}

// relyingParty is this site as devices know it. Both come from the configured address: what a request says of its
// host counts nothing.
func relyingParty(base *url.URL) (*webauthn.WebAuthn, error) {
	if !PasskeysWork(base) {
		return nil, ErrNoPasskeys
	}
	resident := true
	return webauthn.New(&webauthn.Config{
		RPID: base.Hostname(), RPDisplayName: "Kindward", RPOrigins: []string{origin(base)},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{RequireResidentKey: &resident,
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
	})
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// keyholder is an account with its passkeys, as the library wants it.
type keyholder struct {
	Account
	ids  []uuid.UUID
	keys webauthn.Credentials
}

// WebAuthnID is what the device keeps to say whose passkey it is: a random id, no name.
func (k keyholder) WebAuthnID() []byte                         { return k.ID[:] }
func (k keyholder) WebAuthnName() string                       { return k.Email }
func (k keyholder) WebAuthnDisplayName() string                { return k.Name }
func (k keyholder) WebAuthnCredentials() []webauthn.Credential { return k.keys }

// readKeyholder reads an account's passkeys. Until the device has answered, q is for somebody who says that they are
// the account: nothing of this may be shown. No row: no such account, or it is disabled.
func readKeyholder(ctx context.Context, q *shareddb.Queries, id uuid.UUID) (keyholder, error) {
	who, err := ActiveAccount(ctx, q, id)
	if err != nil {
		return keyholder{}, err
	}
	k := keyholder{Account: who}
	rows, err := q.Passkeys(ctx)
	if err != nil {
		return k, err
	}
	for _, r := range rows {
		var key webauthn.Credential
		if err := json.Unmarshal(r.Credential, &key); err != nil {
			return k, fmt.Errorf("passkey %s: %w", r.ID, err)
		}
		k.ids, k.keys = append(k.ids, r.ID), append(k.keys, key)
	}
	return k, nil
}

// ChallengeNewPasskey asks a device to make a passkey for an account, on which it wants to see a finger, a face or a
// PIN.
func ChallengeNewPasskey(ctx context.Context, q *shareddb.Queries, base *url.URL, id uuid.UUID) (Challenge, error) {
	party, err := relyingParty(base)
	if err != nil {
		return Challenge{}, err
	}
	who, err := readKeyholder(ctx, q, id)
	if err != nil {
		return Challenge{}, err
	}
	options, state, err := party.BeginRegistration(who, webauthn.WithExclusions(who.keys.CredentialDescriptors()))
	if err != nil {
		return Challenge{}, err
	}
	return newChallenge(options.Response, state)
}

func newChallenge(options any, state *webauthn.SessionData) (c Challenge, err error) {
	if c.Options, err = json.Marshal(options); err != nil {
		return c, err
	}
	c.State, err = json.Marshal(state)
	return c, err
}

// PasskeyAnswer is what a device answered, as the browser sent it, and the State of the Challenge that asked.
type PasskeyAnswer struct{ State, Response []byte }

// AddPasskey keeps the passkey that a device made, under a name, and tells the owner by email. It ends all sessions;
// that of who goes on in the epoch that is given back. ErrPasskey: the answer is not one to this challenge.
// ErrPasskeyKnown, or ErrNotFound: the session of who has ended meanwhile.
func AddPasskey(ctx context.Context, mail Mail, base *url.URL, caller tenancy.Caller, who Account,
	answer PasskeyAnswer, name string, now time.Time) (epoch int64, err error) {
	party, err := relyingParty(base)
	if err != nil {
		return 0, err
	}
	holder, err := readKeyholder(ctx, ownQueries(mail.Gateway, caller, who.ID), who.ID)
	if err != nil {
		return 0, err
	}
	made, err := madePasskey(party, holder, answer)
	if err != nil {
		return 0, err
	}
	raw, err := json.Marshal(made)
	if err != nil {
		return 0, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return 0, err
	}
	scope := ownScope(mail.Gateway, caller, who.ID)
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.AddPasskey(ctx, shareddb.AddPasskeyParams{Epoch: who.SessionEpoch, ID: id, CredentialID: made.ID,
			Credential: raw, Name: name, Now: now})
		epoch = row.Epoch
		return notify.PasskeyAdded{Recipient: recipient(who)}, noRowIs(ErrNotFound, err)
	})
	return epoch, err
}

// madePasskey is the passkey in an answer to a challenge to make one, or ErrPasskey.
func madePasskey(party *webauthn.WebAuthn, who keyholder, answer PasskeyAnswer) (*webauthn.Credential, error) {
	var state webauthn.SessionData
	// a challenge to show one
	if err := json.Unmarshal(answer.State, &state); err != nil || len(state.CredParams) == 0 {
		return nil, ErrPasskey
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer.Response)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	made, err := party.CreateCredential(who, state, parsed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	// it could be kept and would never open anything
	if _, err := webauthncose.ParsePublicKey(made.PublicKey); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	made.Attestation = webauthn.CredentialAttestation{} // nobody asks who built the device
	return made, nil
}

// RemovePasskey takes one of an account's passkeys away and tells its name; the owner gets an email. It ends all
// sessions; that of who goes on in the epoch that is given back. ErrNotFound: there is none, or the session of who has
// ended.
func RemovePasskey(ctx context.Context, mail Mail, caller tenancy.Caller, who Account, passkey uuid.UUID,
	now time.Time) (name string, epoch int64, err error) {
	scope := ownScope(mail.Gateway, caller, who.ID)
	err = mail.commit(ctx, scope, now, func(q *shareddb.Queries) (notify.Entry, error) {
		row, err := q.RemovePasskey(ctx, who.SessionEpoch, now, passkey)
		name, epoch = row.Name, row.Epoch
		return notify.PasskeyRemoved{Recipient: recipient(who)}, noRowIs(ErrNotFound, err)
	})
	return name, epoch, err
}
