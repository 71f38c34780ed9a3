package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"kindward/queries/shareddb"
)

// SSOState is what was seen of an organization's provider with the settings of now. Neither working nor broken: nothing
// was tried.
type SSOState struct {
	WorkingSince, BrokenSince *time.Time
	Fault                     SSOFault // why it is broken, by what was seen last
	LastSignIn                *time.Time
	SaysTime                  *bool // when somebody showed it who they are; nil: not seen
	Vouches                   *bool // that an address is verified; nil: not seen
}

// SSOFault is why an organization's sign-in does not work.
type SSOFault string

// The faults, as the schema has them.
const (
	FaultDiscovery SSOFault = "discovery" // it does not answer, or does not describe itself as a provider does
	FaultSecret    SSOFault = "secret"    // it refuses the client ID or the secret
	FaultCode      SSOFault = "code"      // it gives no token for its own code
	FaultRefused   SSOFault = "refused"   // it sent whoever tried it back with an error
	FaultToken     SSOFault = "token"     // its ID token is not signed by a key of its own, or not for us
	FaultClock     SSOFault = "clock"     // its clock and ours differ
	FaultPerson    SSOFault = "person"    // it does not say who somebody is
)

// SSOFaults are all of them, and none; the schema's CHECK constraint is held to this list by a test.
func SSOFaults() []string {
	return []string{"", string(FaultDiscovery), string(FaultSecret), string(FaultCode), string(FaultRefused),
		string(FaultToken), string(FaultClock), string(FaultPerson)}
}

// faults are the refusals of an answer that are the provider's: nobody else can cause them.
var faults = map[string]SSOFault{"secret": FaultSecret, "token": FaultToken, "clock": FaultClock}

// testFaults are those besides that are its own if an owner tries it.
var testFaults = map[string]SSOFault{"code": FaultCode, "provider": FaultRefused, "issuer": FaultToken,
	"nonce": FaultToken, "audience": FaultToken, "access-token": FaultToken, "subject": FaultPerson, "claims": FaultPerson}

// faultOf is the provider's fault that an error tells of, or "".
func faultOf(err error, purpose SSOPurpose) SSOFault {
	if errors.Is(err, ErrNotAnswer) {
		return FaultDiscovery
	}
	refusal, ok := errors.AsType[*ssoRefusal](err)
	if !ok {
		return ""
	}
	if fault := faults[refusal.why]; fault != "" || purpose != SSOTest {
		return fault
	}
	return testFaults[refusal.why]
}

// noteFault keeps what is wrong with a provider by these settings, if an error tells of its fault. A test says so in
// the audit.
func noteFault(ctx context.Context, q *shareddb.Queries, set SSO, err error, purpose SSOPurpose, now time.Time) error {
	fault := faultOf(err, purpose)
	if fault == "" || set.ID == uuid.Nil {
		return nil
	}
	row := shareddb.NoteSSOParams{ID: set.ID, SetAt: set.UpdatedAt, Fault: string(fault), Now: now, Recently: now}
	if purpose == SSOTest {
		return noteTest(ctx, q, row, "failure", "fault:"+string(fault))
	}
	return q.NoteSSO(ctx, row)
}

// noteTest keeps what an owner saw. ErrNotYours: they are none any more, and nothing is kept.
func noteTest(ctx context.Context, q *shareddb.Queries, row shareddb.NoteSSOParams, outcome string,
	fields ...string) error {
	if _, err := q.WriteSSOTest(ctx, append([]string{}, fields...), outcome); err != nil {
		return refused(err)
	}
	row.Test = true
	return q.NoteSSO(ctx, row)
}

// seenAtMost is how often the same is noted of a provider.
const seenAtMost = time.Minute

// noteWorking keeps that a provider works by these settings, and what it says of people.
func noteWorking(ctx context.Context, q *shareddb.Queries, set SSO, m meant, purpose SSOPurpose, now time.Time) error {
	says, row := m.authTime > 0, shareddb.NoteSSOParams{ID: set.ID, SetAt: set.UpdatedAt, Now: now,
		SignedIn: purpose != SSOTest, Recently: now.Add(-seenAtMost)}
	row.SaysTime = &says
	if m.email != "" {
		row.Vouches = &m.vouched
	}
	if purpose != SSOTest {
		return q.NoteSSO(ctx, row)
	}
	if m.email == "" {
		row.Vouches = new(bool)
	}
	return noteTest(ctx, q, row, "success")
}
