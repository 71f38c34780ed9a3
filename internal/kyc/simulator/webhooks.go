package simulator

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kindward/internal/kyc"
)

// object is a session as it is written in answers and webhooks.
func (x *Identity) object(s *session, at turn, host string) map[string]any {
	o := map[string]any{"id": s.id, "object": "identity.verification_session", "status": at.status, "url": nil,
		"client_reference_id": s.reference, "livemode": false, "created": s.created.Unix(), "last_error": nil,
		"verified_outputs": nil}
	switch at.status {
	case kyc.RequiresInput:
		o["url"] = host + "/verify/" + s.id
	case kyc.Verified:
		first, last := s.names()
		o["verified_outputs"] = map[string]string{"first_name": first, "last_name": last}
	}
	if at.code != "" {
		o["last_error"] = map[string]string{"code": at.code, "reason": "Simulated."}
	}
	switch s.behavior {
	case AnotherReference:
		o["client_reference_id"] = "00000000-0000-4000-8000-000000000000"
	case LeadsElsewhere:
		o["url"] = "http://127.0.0.1@evil.example/verify"
	case OtherName:
		o["verified_outputs"] = map[string]string{"first_name": "MALLORY", "last_name": "MEDEIROS"}
	}
	return o
}

// names are those of the document that is shown: the name that was asked about, up to a comma.
func (s *session) names() (first, last string) {
	name, _, _ := strings.Cut(s.name, ",")
	all := strings.Fields(strings.ToUpper(name))
	if len(all) < 2 {
		return "ADA", "MEDEIROS"
	}
	return all[0], all[len(all)-1]
}

// event is one webhook.
type event struct {
	id, secret string
	body       []byte
	at         time.Time
}

// Tell sends the webhooks that are due, and gives the statuses of the answers.
func (x *Identity) Tell(ctx context.Context) (statuses []int) {
	x.mu.Lock()
	var due []event
	for _, s := range x.sessions {
		due = append(due, x.due(s)...)
	}
	x.mu.Unlock()
	for _, e := range due {
		statuses = append(statuses, x.send(ctx, e))
	}
	return statuses
}

// due are the webhooks of a session's turns that were not told yet, as its behavior has them.
func (x *Identity) due(s *session) (all []event) {
	turns := s.turns()
	for n, t := range turns {
		at := s.created.Add(time.Duration(t.after) * x.Step)
		if n < s.told || x.Now().Before(at) || s.behavior == OutOfOrder && x.at(s) != turns[len(turns)-1] {
			continue
		}
		s.told = n + 1
		all = append(all, x.event(s, t, n))
	}
	if s.told == len(turns) && s.behavior == AfterFinal && !x.Now().Before(s.created.Add(24*time.Hour)) {
		s.told++
		all = append(all, x.event(s, turns[0], 100))
	}
	switch s.behavior {
	case Silent:
		return nil
	case OutOfOrder:
		slices.Reverse(all)
	case Duplicate:
		all = slices.Concat(all, all, all)
	}
	return all
}

func (x *Identity) event(s *session, t turn, n int) event {
	e := event{id: fmt.Sprintf("evt_%s_%d", s.id, n), secret: x.Secrets[0], at: x.Now()}
	o := x.object(s, t, "http://simulator")
	switch s.behavior {
	case UnknownReference:
		o["client_reference_id"] = "no reference"
	case BadSignature:
		e.secret = "somebody's"
	case RotatedSecret:
		e.secret = x.Secrets[1]
	case OldSignature:
		e.at = e.at.Add(-6 * time.Minute)
	}
	e.body, _ = json.Marshal(map[string]any{"id": e.id, "object": "event", "created": e.at.Unix(),
		"type": "identity.verification_session." + string(t.status), "data": map[string]any{"object": o}})
	return e
}

// send is 0 for what did not arrive.
func (x *Identity) send(ctx context.Context, e event) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, x.Webhook, bytes.NewReader(e.body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Stripe-Signature", strings.Join([]string{fmt.Sprintf("t=%d", e.at.Unix()),
		"v1=" + hex.EncodeToString(kyc.Signature("another one", e.at.Unix(), e.body)),
		"v1=" + hex.EncodeToString(kyc.Signature(e.secret, e.at.Unix(), e.body))}, ","))
	response, err := x.Client.Do(r)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}
