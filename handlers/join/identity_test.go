package join_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
)

// verifying is the product with somebody who verifies identities and can be told what to do.
type verifying struct {
	world
	provider *simulator.Identity
}

func openVerifying(t *testing.T) verifying {
	t.Helper()
	v := verifying{world: open(t)}
	v.provider = &simulator.Identity{Key: "sk_test", Secrets: webtest.IdentitySecrets, Step: time.Minute,
		Webhook: v.URL + "/webhooks/identity", Now: v.Clock.Now, Client: http.DefaultClient}
	server := httptest.NewServer(v.provider)
	t.Cleanup(server.CloseClientConnections)
	v.checks.Identity, v.checks.Base = kyc.NewIdentity(server.URL, "sk_test", 300*time.Millisecond), v.URL
	return v
}

// named is an application of which somebody is to be verified whose mailbox has the name of a behavior.
func (v verifying) named(who *webtest.Person, behavior string) (id uuid.UUID) {
	v.t.Helper()
	at := v.begin(who, "clinic", "RI", "1234567893")
	v.asks()
	answer(who, at+"/steps/organization", "email", behavior+"@example.org", "contact", "Ada Medeiros, owner").Goes(at)
	return uuid.MustParse(strings.TrimPrefix(at, "/join/"))
}

// goOn lets minutes pass, with the worker's rounds and the provider's webhooks; it gives what those were answered.
func (v verifying) goOn(rounds int, each time.Duration) (statuses []int) {
	v.t.Helper()
	for range rounds {
		v.asks()
		statuses = append(statuses, v.provider.Tell(v.t.Context())...)
		v.asks()
		v.Clock.Forward(each)
	}
	return statuses
}

func (v verifying) load(id uuid.UUID) onboarding.Application {
	v.t.Helper()
	_, a, err := onboarding.Load(v.t.Context(), v.Gateway, v.Gateway.AdmitApplicant(id, tenancy.Caller{}))
	if err != nil {
		v.t.Fatal(err)
	}
	return a
}

// said are what the log has of a verification, and the audit.
func (v verifying) said(id uuid.UUID) (events, audited int) {
	v.t.Helper()
	return v.Count(v.t, `select count(*) from onboarding.log where tenant_id = $1 and step = 'identity'`, id),
		v.Count(v.t, `select count(*) from audit.event where tenant_id = $1 and action = 'checked'
			and fields = array['step:identity']`, id)
}

func TestEveryBehaviorOfTheVerificationEndsAsItShould(t *testing.T) {
	v := openVerifying(t)
	const done, failed, waits = onboarding.StepDone, onboarding.StepFailed, onboarding.StepWaiting
	for _, c := range []struct {
		behavior string
		state    onboarding.StepState
		result   onboarding.Result
		events   int // 0: one for each time that it was asked
		sessions int
		hooks    int // what webhooks are answered; 0: there are none
	}{
		{simulator.Approve, done, onboarding.Pass, 3, 1, 200},
		{simulator.Reject, failed, onboarding.Fail, 3, 1, 200},
		{simulator.NeedsMore, done, onboarding.Pass, 4, 1, 200},
		{simulator.Doubt, done, onboarding.Review, 3, 1, 200},
		{simulator.OtherName, done, onboarding.Review, 3, 1, 200},
		{simulator.Slow, done, onboarding.Pass, 3, 1, 200},
		{simulator.Late, waits, onboarding.Error, 0, 1, 200},
		{simulator.Hang, waits, onboarding.Error, 0, 1, 200},
		{simulator.Unavailable, waits, onboarding.Error, 0, 1, 200},
		{simulator.TooMany, waits, onboarding.Error, 0, 1, 200},
		{simulator.Garbage, waits, onboarding.Error, 0, 1, 200},
		{simulator.Flaky, done, onboarding.Pass, 0, 1, 200},
		{simulator.AnswerLost, done, onboarding.Pass, 0, 1, 200},
		{simulator.Expire, done, onboarding.Pass, 0, 2, 200},
		{simulator.Forgotten, done, onboarding.Pass, 0, 2, 200},
		{simulator.AnotherReference, waits, onboarding.Error, 0, 1, 200},
		{simulator.LeadsElsewhere, waits, onboarding.Error, 0, 1, 200},
		{simulator.Duplicate, done, onboarding.Pass, 3, 1, 200},
		{simulator.OutOfOrder, done, onboarding.Pass, 3, 1, 200},
		{simulator.AfterFinal, done, onboarding.Pass, 3, 1, 200},
		{simulator.BadSignature, done, onboarding.Pass, 3, 1, 401},
		{simulator.OldSignature, done, onboarding.Pass, 3, 1, 401},
		{simulator.RotatedSecret, done, onboarding.Pass, 3, 1, 200},
		{simulator.UnknownReference, done, onboarding.Pass, 3, 1, 200},
		{simulator.Silent, done, onboarding.Pass, 3, 1, 0},
	} {
		t.Run(c.behavior, func(t *testing.T) {
			id := v.named(v.Person(t, "Maya"), c.behavior)
			hooks := v.goOn(5, time.Minute)
			if c.behavior == simulator.Slow || c.behavior == simulator.NeedsMore {
				hooks = append(hooks, v.goOn(13, 10*time.Minute)...)
			}
			if c.behavior == simulator.AfterFinal {
				v.Clock.Forward(25 * time.Hour)
			}
			hooks = append(hooks, v.goOn(3, time.Minute)...)
			a := v.load(id)
			events, audited := v.said(id)
			sessions, _ := v.provider.Sessions(id.String())
			if a.Steps["identity"].State != c.state || a.Checks["identity"].Result != c.result || sessions != c.sessions ||
				c.events > 0 && events != c.events || audited != events || events > 7 {
				t.Errorf("%s, %+v: %d events, %d in the audit, %d sessions", a.Steps["identity"].State, a.Checks["identity"],
					events, audited, sessions)
			}
			if (c.hooks == 0) != (len(hooks) == 0) {
				t.Errorf("webhooks: %v", hooks)
			}
			for _, status := range hooks {
				if status != c.hooks {
					t.Errorf("webhooks were answered %v", hooks)
				}
			}
			_, _, err := onboarding.Act(t.Context(), v.Gateway, v.Gateway.AdmitApplicant(id, tenancy.Caller{}),
				onboarding.Event{Kind: onboarding.Withdrew, At: v.Clock.Now()}) // nobody waits for it any more
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// hook is a webhook about an application, signed with a secret at a time.
func (v verifying) hook(event, status string, id fmt.Stringer, secret string, at time.Time) (body []byte,
	signature string) {
	body, _ = json.Marshal(map[string]any{"id": event, "type": "identity.verification_session." + status,
		"data": map[string]any{"object": map[string]any{"client_reference_id": id.String(), "status": status}}})
	return body, fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(kyc.Signature(secret, at.Unix(), body)))
}

func (v verifying) post(body []byte, signature string) *http.Response {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.URL+"/webhooks/identity",
		strings.NewReader(string(body)))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Stripe-Signature", signature)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = response.Body.Close()
	return response
}

func TestF09WebhooksInAnyOrderAndManyTimesEndAsThoseInOrderDo(t *testing.T) {
	v := openVerifying(t)
	secret := webtest.IdentitySecrets[0]
	for n, order := range [][]string{{"requires_input", "processing", "verified"},
		{"requires_input", "verified", "processing"},
		{"processing", "requires_input", "verified"}, {"processing", "verified", "requires_input"},
		{"verified", "requires_input", "processing"}, {"verified", "processing", "requires_input"}} {
		for _, times := range []int{1, 3} {
			id := v.named(v.Person(t, "Maya"), simulator.Silent)
			v.asks()
			v.Clock.Forward(2 * time.Minute)
			for _, status := range order {
				body, signature := v.hook(fmt.Sprintf("evt_%d_%d_%s", n, times, status), status, id, secret, v.Clock.Now())
				for range times {
					if response := v.post(body, signature); response.StatusCode != http.StatusOK {
						t.Errorf("%s: %d", status, response.StatusCode)
					}
					v.asks()
				}
			}
			a := v.load(id)
			if events, _ := v.said(id); events != 2 || a.Checks["identity"].Result != onboarding.Pass {
				t.Errorf("%v, %d times each: %d events, %+v", order, times, events, a.Checks["identity"])
			}
		}
	}
}

func TestA26OnlyWhatIsSignedNowByWhoeverVerifiesMakesTheWorkerLook(t *testing.T) {
	v := openVerifying(t)
	id := v.named(v.Person(t, "Maya"), simulator.Silent)
	v.asks()
	due := func() bool {
		return v.Count(t, `select count(*) from onboarding.step where tenant_id = $1 and key = 'identity'
			and next_at <= $2`, id, v.Clock.Now()) == 1
	}
	now, secret := v.Clock.Now(), webtest.IdentitySecrets[0]
	body, right := v.hook("evt_26", "verified", id, secret, now)
	_, old := v.hook("evt_26", "verified", id, secret, now.Add(-6*time.Minute))
	_, ahead := v.hook("evt_26", "verified", id, secret, now.Add(6*time.Minute))
	_, wrong := v.hook("evt_26", "verified", id, "somebody's", now)
	_, none := v.hook("evt_26", "verified", id, "", now)
	spaced := []byte(strings.Replace(string(body), `{"`, `{ "`, 1))
	for what, sent := range map[string]struct {
		body      []byte
		signature string
	}{
		"changed": {append(body[:len(body):len(body)], ' '), right}, "written anew": {spaced, right}, "old": {body, old},
		"from tomorrow": {body, ahead}, "another's": {body, wrong}, "an empty secret's": {body, none}, "unsigned": {body, ""},
		"without a time": {body, strings.Replace(right, "t=", "x=", 1)}, "of nothing": {nil, right},
		"garbage": {body, "t=,v1=zz,v1,=,"}, "long": {body, strings.Repeat("v1=00,", 1000)},
	} {
		response := v.post(sent.body, sent.signature)
		if response.StatusCode != http.StatusUnauthorized || response.ContentLength != 0 || due() { // A27
			t.Errorf("%s: %d, %d bytes, looked at: %t", what, response.StatusCode, response.ContentLength, due())
		}
	}
	for what, name := range map[string]string{"of nobody": "no reference", "of another": uuid.NewString()} {
		body, signature := v.hook("evt_"+name, "verified", reference(name), secret, now)
		if response := v.post(body, signature); response.StatusCode != http.StatusOK || due() {
			t.Errorf("%s: %d, looked at: %t", what, response.StatusCode, due())
		}
	}
	if response := v.post(body, right); response.StatusCode != http.StatusOK || response.ContentLength != 0 || !due() {
		t.Errorf("control: the right one: %d, looked at: %t", response.StatusCode, due())
	}
	v.asks()
	if response := v.post(body, right); response.StatusCode != http.StatusOK || due() {
		t.Errorf("again: %d, looked at: %t", response.StatusCode, due())
	}
}

type reference string

func (r reference) String() string { return string(r) }

func TestF08TwoHoursWithoutWhoeverVerifiesLoseNothingAndAskOnce(t *testing.T) {
	v := openVerifying(t)
	maya := v.Person(t, "Maya")
	v.provider.Down(true)
	id := v.named(maya, simulator.Approve)
	v.goOn(120, time.Minute)
	page := maya.Get("/join/" + id.String())
	page.Has(http.StatusOK, "Waiting for the identity check", "Since", "It did not answer. We ask it again")
	events, _ := v.said(id)
	if made, _ := v.provider.Sessions(id.String()); made != 0 || events < 5 || events > 12 {
		t.Errorf("after two hours: %d sessions, %d events", made, events)
	}
	v.provider.Down(false)
	v.goOn(70, time.Minute)
	a := v.load(id)
	if made, _ := v.provider.Sessions(id.String()); made != 1 || a.Checks["identity"].Result != onboarding.Pass {
		t.Errorf("once it is back: %d sessions, %+v", made, a.Checks["identity"])
	}
}

func TestWhoeverIsToBeVerifiedIsSentThereAndAnotherPersonIsAnotherVerification(t *testing.T) {
	v := openVerifying(t)
	maya := v.Person(t, "Maya")
	id := v.named(maya, simulator.Slow)
	at := "/join/" + id.String()
	v.asks()
	page := maya.Get(at)
	page.Has(http.StatusOK, "Prove who you are")
	answer(maya, at+"/steps/location", "more_locations", "no").Goes(at)
	answer(maya, at+"/steps/licenses", "director", "Ada Medeiros", "director_npi", "1245319599", "director_born",
		"1970-07-01", "practitioner_owned", "yes", "tests", "no").Goes(at)
	v.asks()
	v.attach(maya, at)
	maya.Get(at).Has(http.StatusOK, "It is your turn: Identity of who applies", "Follow the link of that step.")
	links := page.All("a", "rel", "noreferrer")
	if len(links) != 1 || !strings.Contains(links[0].Value("href"), "/verify/vs_") {
		t.Errorf("links: %v", links)
	}
	answer(maya, at+"/steps/organization", "contact", "Joana Lima, owner").Goes(at)
	v.asks()
	if made, redacted := v.provider.Sessions(id.String()); made != 2 || redacted != 1 {
		t.Errorf("%d verifications, %d of them forgotten", made, redacted)
	}
}

func TestWhereNobodyVerifiesIdentitiesWhoeverReviewsDoes(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	w.asks()
	answer(maya, at+"/steps/organization", "email", "office@example.org", "contact", "Maya, owner").Goes(at)
	w.asks()
	if n := w.Count(t, `select count(*) from onboarding.check_result where tenant_id = $1 and kind = 'identity'
		and result = 'REVIEW'`, strings.TrimPrefix(at, "/join/")); n != 1 {
		t.Errorf("%d to look at", n)
	}
}
