package jobs

import (
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river/rivertype"

	"kindward/internal/events"
	"kindward/internal/tenancy"
)

// sealedJob is a genuine job of the harness's clinic, as it stands in the queue.
func sealedJob(t testing.TB, h *harness) (sendMessage, []byte) {
	t.Helper()
	a, ok, err := envelope(t.Context(), h.Gateway, events.Event{Position: events.Position{Seq: 7}, Tenant: h.clinic.ID,
		Kind: "appointment.booked", Subject: uuid.New(), Data: []byte(`{}`)})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return a, raw
}

// try opens arguments as the queue would hand them to the worker.
func try(h *harness, raw []byte) error {
	var a sendMessage
	if err := json.Unmarshal(raw, &a); err != nil {
		return err
	}
	_, err := open(h.Gateway, &rivertype.JobRow{Kind: a.Kind(), EncodedArgs: raw}, a)
	return err
}

// TestAJobWithAnyByteChangedIsRefused is A39: every byte of the payload, three ways each.
func TestAJobWithAnyByteChangedIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	a, raw := sealedJob(t, h)
	if err := try(h, raw); err != nil {
		t.Fatalf("the genuine job: %v", err)
	}
	tried, trusting := 0, 0
	for n := range raw {
		for _, to := range []byte{raw[n] ^ 0x01, raw[n] ^ 0x20, '0'} {
			if to == raw[n] {
				continue
			}
			changed := append([]byte(nil), raw...)
			changed[n] = to
			tried++
			if err := try(h, changed); err == nil {
				t.Fatalf("byte %d changed from %q to %q was accepted", n, raw[n], to)
			}
			var b sendMessage // the negative control trusts the token alone
			if json.Unmarshal(changed, &b) == nil && b.Scope == a.Scope {
				if _, err := h.Gateway.Verify(b.Scope, tenancy.Job, bind(a)); err == nil {
					trusting++
				}
			}
		}
	}
	if trusting == 0 {
		t.Fatal("the negative control refused everything: this test proves nothing")
	}
	t.Logf("%d changed payloads refused; a worker that trusts the token alone takes %d of them", tried, trusting)
}

func TestAJobIsGoodForItsOwnOrganizationOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	other := h.Tenant(t, "clinic")
	a, _ := sealedJob(t, h)
	for name, change := range map[string]func(*sendMessage){
		"another organization's id": func(a *sendMessage) { a.Tenant = other.ID },
		"no token":                  func(a *sendMessage) { a.Scope = "" },
		"a token of another place": func(a *sendMessage) {
			a.Scope = h.Gateway.AdmitJob(other, uuid.Nil, bind(*a)).Token()
		},
		"a token of the web": func(a *sendMessage) {
			a.Scope = h.Gateway.Admit(h.clinic.Tenant, tenancy.Caller{}).Token()
		},
		"a token of another job":       func(a *sendMessage) { a.Appointment = uuid.New() },
		"a token for another sequence": func(a *sendMessage) { a.Sequence++ },
	} {
		b := a
		change(&b)
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		err = try(h, raw)
		if !errors.Is(err, errRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, whole := sealedJob(t, h)
	if try(h, []byte(strings.TrimSuffix(string(whole), "}")+`,"more":1}`)) == nil {
		t.Error("an unknown argument was accepted")
	}
}

func TestATamperedJobIsThrownAwayAndTheOthersRun(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	stop := h.work(t)
	h.book(t, 0)
	h.settled(t)
	stop()
	if h.sender.total != 1 {
		t.Fatal("not sent")
	}
	h.Admin(t, `update river.river_job set state = 'available', finalized_at = null, attempt = 0, args = jsonb_set(args, '{appointment}', to_jsonb(gen_random_uuid()))`)
	h.book(t, 20)
	h.work(t)
	h.settled(t)
	if got := h.states(t); got["cancelled"] != 1 || got["completed"] != 1 || h.sender.total != 2 {
		t.Fatalf("jobs %v, %d sends", got, h.sender.total)
	}
}

func TestAJobThatOutlivedItsScopeIsMadeAnewFromItsEvent(t *testing.T) {
	t.Parallel()
	var early atomic.Bool
	h := newHarness(t, tenancy.Options{Now: func() time.Time {
		if early.Load() {
			return time.Now().Add(-10 * time.Minute)
		}
		return time.Now()
	}})
	h.deps.Now = time.Now
	stop := h.work(t)
	v := h.book(t, 0)
	h.settled(t)
	stop()
	// Put a job with an old token beside it, as if the queue had stood still for ten minutes, and forget that it was sent.
	early.Store(true)
	a, _, err := envelope(t.Context(), h.Gateway, lastEvent(t, h, "appointment.booked"))
	if err != nil {
		t.Fatal(err)
	}
	early.Store(false)
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	h.Admin(t, `update river.river_job set state = 'available', finalized_at = null, attempt = 0, created_at = now() - interval '10 minutes', args = $1::jsonb`, string(raw))
	h.clinic.SQL(t, `delete from message where appointment_id = $1`, v.id)
	h.work(t)
	h.settled(t)
	if got := h.states(t); got["cancelled"] != 1 || got["completed"] != 1 || h.sender.total != 2 {
		t.Fatalf("jobs %v, %d sends", got, h.sender.total)
	}
}

func lastEvent(t testing.TB, h *harness, kind events.Kind) events.Event {
	t.Helper()
	var seq int64
	if err := h.Connect(t, h.RelayURL()).QueryRow(t.Context(), `select max(seq) from outbox.event where kind = $1`,
		kind).Scan(&seq); err != nil {
		t.Fatal(err)
	}
	e, err := h.deps.Outbox.Find(t.Context(), seq)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
