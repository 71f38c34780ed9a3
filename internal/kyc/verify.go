package kyc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Person is who is to be verified, and for what.
type Person struct {
	Application string // and the reference that the provider has of it
	Subject     string // what is asked: of another one the answer is another
	Name, Email string
	Back        string
}

// The facts of a verification that goes on.
const (
	FactSession = "session" // its id at the provider
	FactPage    = "page"    // where the person goes on
	FactStatus  = "status"
	FactWho     = "verified" // the PersonKey of whoever was verified
	factNumber  = "number"   // how many sessions there were before it
)

// Verify begins a verification, or finds out where the one is that the last finding tells of. It can be asked at any
// time and as often as one likes: there is one session.
func (i *Identity) Verify(ctx context.Context, p Person, last Finding) Finding {
	var s Session
	var err error
	id, number := last.Facts[FactSession], last.Facts[factNumber]
	if id == "" {
		sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", p.Application, p.Subject, number))
		s, err = i.Create(ctx, Asked{Key: hex.EncodeToString(sum[:]), Reference: p.Application, Name: p.Name, Email: p.Email,
			Back: p.Back})
	} else {
		s, err = i.Retrieve(ctx, id)
	}
	facts := map[string]string{FactSession: id, factNumber: number}
	switch {
	case errors.Is(err, ErrNoSession) || err == nil && s.Status == Canceled:
		n, _ := strconv.Atoi(number)
		return Finding{Result: Error, Reason: "The verification was canceled. We begin another one.",
			Facts: map[string]string{factNumber: strconv.Itoa(n + 1)}}
	case err != nil:
		return Finding{Result: Error, Reason: "Who verifies identities did not answer.", Facts: facts}
	case s.Reference != p.Application || id != "" && s.ID != id:
		return Finding{Result: Error, Reason: "Who verifies identities answered about somebody else.", Facts: facts}
	}
	facts[FactSession], facts[FactStatus] = s.ID, string(s.Status)
	said := s.judge(p)
	switch said.Facts = facts; said.Result {
	case Pending:
		facts[FactPage] = s.URL
	case Pass:
		facts[FactWho] = PersonKey(s.Outputs.First, s.Outputs.Last)
	}
	return said
}

// fatal are reasons for which nothing that the person does would help; doubtful those that somebody looks at.
var (
	fatal    = []string{"selfie_manipulated", "under_supported_age"}
	doubtful = []string{"selfie_face_mismatch", "id_number_mismatch"}
)

// judge is what a session means for whoever wants to join.
func (s Session) judge(p Person) Finding {
	code := ""
	if s.LastError != nil {
		code = s.LastError.Code
	}
	switch {
	case s.Status == Verified && s.Outputs != nil && slices.Contains(personKeys(p.Name),
		PersonKey(s.Outputs.First, s.Outputs.Last)):
		return Finding{Result: Pass}
	case s.Status == Verified:
		return Finding{Result: Review, Reason: "Somebody was verified under another name than the application has."}
	case s.Status == RequiresInput && slices.Contains(fatal, code):
		return Finding{Result: Fail, Reason: "Who verifies identities has refused (" + code + ")."}
	case s.Status == RequiresInput && slices.Contains(doubtful, code):
		return Finding{Result: Review, Reason: "Who verifies identities is in doubt (" + code + ")."}
	case s.Status == RequiresInput && code != "":
		return Finding{Result: Pending, Reason: "It did not work yet: show your document once more."}
	case s.Status == RequiresInput || s.Status == Processing:
		return Finding{Result: Pending}
	}
	return Finding{Result: Error, Reason: "Who verifies identities answered what we do not understand."}
}
