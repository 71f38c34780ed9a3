package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"kindward/internal/kyc"
)

// Behaviors of the identity verification: whoever has one as the name of their mailbox (reject@example.org) is served
// so. Everybody else is approved.
const (
	Approve          = "approve"
	Reject           = "reject"
	NeedsMore        = "needs-more" // approved the second time
	Doubt            = "doubt"
	OtherName        = "other-name"
	Slow             = "slow"    // approved after two hours
	Late             = "late"    // an answer after a second
	Hang             = "hang"    // never an answer
	Unavailable      = "503"     // always
	TooMany          = "429"     // always
	Flaky            = "flaky"   // 503 three times, then approved
	Garbage          = "garbage" // 200 and no JSON, always
	AnswerLost       = "answer-lost"
	Expire           = "expire"    // canceled, and approved when it is asked anew
	Forgotten        = "forgotten" // unknown a minute later, and approved when it is asked anew
	AnotherReference = "another-reference"
	LeadsElsewhere   = "leads-elsewhere"
	Duplicate        = "duplicate"    // each webhook three times
	OutOfOrder       = "out-of-order" // the last webhook first
	AfterFinal       = "after-final"  // the first webhook again a day later
	BadSignature     = "bad-signature"
	OldSignature     = "old-signature"
	RotatedSecret    = "rotated-secret" // signed with the secret before
	UnknownReference = "unknown-reference"
	Silent           = "silent" // no webhook at all
)

// Identity verifies identities as Stripe Identity does. It keeps state, and its time is the one that it is given.
type Identity struct {
	Key     string   // that its customer shows
	Secrets []string // that sign webhooks: the one of now, and the one before
	Webhook string   // where they go; empty: nowhere
	Step    time.Duration
	Now     func() time.Time
	Client  *http.Client

	mu       sync.Mutex
	down     bool
	sessions []*session
	asked    map[string]int // by behavior
}

// session is one that somebody asked for.
type session struct {
	id, key, reference, name, email, behavior string
	created                                   time.Time
	canceled, redacted                        bool
	told                                      int // of its turns by webhook
}

// turn is what a session becomes after some steps.
type turn struct {
	after  int // steps since it was made
	status kyc.SessionStatus
	code   string // of the error
}

// turns are what becomes of a session, by its behavior.
func (s *session) turns() []turn {
	begins, works := turn{0, kyc.RequiresInput, ""}, turn{1, kyc.Processing, ""}
	again := !strings.HasSuffix(s.id, "_1")
	switch s.behavior {
	case Reject:
		return []turn{begins, works, {2, kyc.RequiresInput, "selfie_manipulated"}}
	case Doubt:
		return []turn{begins, works, {2, kyc.RequiresInput, "selfie_face_mismatch"}}
	case NeedsMore:
		return []turn{begins, works, {2, kyc.RequiresInput, "document_expired"}, {10, kyc.Processing, ""},
			{11, kyc.Verified, ""}}
	case Slow:
		return []turn{begins, works, {120, kyc.Verified, ""}}
	case Expire:
		if !again {
			return []turn{begins, {2, kyc.Canceled, ""}}
		}
	}
	return []turn{begins, works, {2, kyc.Verified, ""}}
}

// at is where a session is.
func (x *Identity) at(s *session) turn {
	if s.canceled {
		return turn{status: kyc.Canceled}
	}
	all := s.turns()
	for _, t := range slices.Backward(all) {
		if !x.Now().Before(s.created.Add(time.Duration(t.after) * x.Step)) {
			return t
		}
	}
	return all[0]
}

// Down lets it answer 503 to everything, or not any more.
func (x *Identity) Down(down bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.down = down
}

// Sessions is how many it made for a reference, and how many of them were redacted.
func (x *Identity) Sessions(reference string) (made, redacted int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.sessions {
		if s.reference == reference {
			made++
			if s.redacted {
				redacted++
			}
		}
	}
	return made, redacted
}

const sessionsPath = "/v1/identity/verification_sessions"

// ServeHTTP answers the API, and the page to which people are sent.
func (x *Identity) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/verify/") {
		_, _ = w.Write([]byte("<!doctype html><title>Simulation</title><p>Here you would show your document. " +
			"This is a simulation: you are verified in a moment. Go back to Kindward."))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	rest, api := strings.CutPrefix(r.URL.Path, sessionsPath)
	id, act, _ := strings.Cut(strings.Trim(rest, "/"), "/")
	x.mu.Lock()
	s, status := x.find(r, id, api)
	if s != nil {
		x.asked[s.behavior]++
	}
	times, down := 0, x.down
	if s != nil {
		times = x.asked[s.behavior]
	}
	x.mu.Unlock()
	if down {
		status = http.StatusServiceUnavailable
	}
	if status != http.StatusOK {
		refuse(w, status)
		return
	}
	x.answer(w, r, s, act, times)
}

// find is the session that a request is about. A second one under a key is the first.
func (x *Identity) find(r *http.Request, id string, api bool) (*session, int) {
	if x.asked == nil {
		x.asked = map[string]int{}
	}
	switch {
	case r.Header.Get("Authorization") != "Bearer "+x.Key:
		return nil, http.StatusUnauthorized
	case !api || x.down:
		return nil, http.StatusNotFound
	case id == "" && r.Method == http.MethodPost:
		return x.create(r), http.StatusOK
	}
	for _, s := range x.sessions {
		if s.id == id && (s.behavior != Forgotten || !strings.HasSuffix(id, "_1")) {
			return s, http.StatusOK
		}
	}
	return nil, http.StatusNotFound
}

func (x *Identity) create(r *http.Request) *session {
	key := r.Header.Get("Idempotency-Key")
	nth := 1
	for _, s := range x.sessions {
		if s.key == key {
			return s
		}
		if s.reference == r.FormValue("client_reference_id") {
			nth++
		}
	}
	s := &session{key: key, reference: r.FormValue("client_reference_id"), created: x.Now(),
		name: r.FormValue("metadata[name]"), email: r.FormValue("provided_details[email]")}
	s.behavior, _, _ = strings.Cut(s.email, "@")
	s.id = fmt.Sprintf("vs_%d_%d", len(x.sessions)+1, nth)
	x.sessions = append(x.sessions, s)
	return s
}

func refuse(w http.ResponseWriter, status int) {
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"type": "invalid_request_error"}})
}

// answer answers about a session, as its behavior says.
func (x *Identity) answer(w http.ResponseWriter, r *http.Request, s *session, act string, times int) {
	switch {
	case s.behavior == Unavailable || s.behavior == Flaky && times <= 3:
		refuse(w, http.StatusServiceUnavailable)
		return
	case s.behavior == TooMany:
		refuse(w, http.StatusTooManyRequests)
		return
	case s.behavior == Garbage:
		_, _ = w.Write([]byte("<html>Maintenance</html>"))
		return
	case s.behavior == Hang:
		wait(r, time.Hour)
		return
	case s.behavior == AnswerLost && times == 1:
		panic(http.ErrAbortHandler)
	case s.behavior == Late:
		wait(r, time.Second)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	s.canceled = s.canceled || act == "cancel"
	s.redacted = s.redacted || act == "redact"
	_ = json.NewEncoder(w).Encode(x.object(s, x.at(s), "http://"+r.Host))
}

func wait(r *http.Request, long time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(long):
	}
}
