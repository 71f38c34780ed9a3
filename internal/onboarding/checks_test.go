package onboarding_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/events"
	"kindward/internal/npi"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// office is a worker whose registry answers as a test says.
type office struct {
	*onboarding.Checks
	t   *testing.T
	db  *pgtest.DB
	now time.Time
	log bytes.Buffer
}

func openOffice(t *testing.T, registry http.HandlerFunc) *office {
	t.Helper()
	server := httptest.NewServer(registry)
	t.Cleanup(server.Close)
	o := &office{t: t, db: pgtest.Fresh(t, tenancy.Options{}), now: time.Now().Add(time.Second)}
	outbox, err := events.Open(t.Context(), o.db.RelayURL(), events.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(outbox.Close)
	o.Checks = &onboarding.Checks{Due: outbox.LongQueries(), Gateway: o.db.Gateway, Registry: npi.NewRegistry(server.URL),
		Now: func() time.Time { return o.now }, Log: slog.New(slog.NewTextHandler(&o.log, nil))}
	return o
}

func (o *office) round(ctx context.Context) {
	o.t.Helper()
	if err := o.Run(ctx); err != nil {
		o.t.Fatal(err)
	}
}

// begins is an application with a number.
func (o *office) begins(number string) uuid.UUID {
	o.t.Helper()
	id, who := uuid.New(), tenancy.Caller{Subject: o.db.Account(o.t, "Alice")}
	err := onboarding.Begin(o.t.Context(), o.db.Gateway, who, id, "Alice", onboarding.Event{Kind: onboarding.Began,
		By: who.Subject, At: o.now, Data: onboarding.Data{Kind: "clinic", State: "RI", Definition: onboarding.Latest,
			Answers: map[string]string{"npi": number}}})
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

func (o *office) registry(id uuid.UUID) (s onboarding.Standing, said onboarding.Checked) {
	o.t.Helper()
	_, a, err := onboarding.Load(o.t.Context(), o.db.Gateway, o.db.Gateway.AdmitApplicant(id, tenancy.Caller{}))
	if err != nil {
		o.t.Fatal(err)
	}
	return a.Steps["registry"], a.Checks["registry"]
}

// record is the registry's answer about whoever is asked for, with a name as JSON has it.
func record(number, name, zip string) string {
	return fmt.Sprintf(`{"result_count":1,"results":[{"number":%q,"enumeration_type":"NPI-2","basic":{"status":"A",
		"organization_name":"%s"},"addresses":[{"address_purpose":"LOCATION","address_1":"%[2]s","city":"%[2]s",
		"postal_code":"%s","telephone_number":"%[2]s"}]}]}`, number, name, zip)
}

func TestF08WhateverARegisterSaysOfAnOrganizationIsKept(t *testing.T) {
	names := map[string]string{}
	o := openOffice(t, func(w http.ResponseWriter, r *http.Request) {
		number := r.URL.Query().Get("number")
		_, _ = w.Write([]byte(record(number, names[number], "éééééé")))
	})
	want := map[string]string{}
	for n, name := range [][2]string{{`A\u0000B`, "AB"}, {strings.Repeat("x", 300), strings.Repeat("x", 300)},
		{strings.Repeat("é", 5000), strings.Repeat("é", 1000)}, {`\u202eevil\u200b \r\n name`, "evil name"},
		{"\xff\xfe", "\ufffd\ufffd"}, {`\ud800`, "\ufffd"}} {
		number := npi.Synthetic(n)
		names[number], want[o.begins(number).String()] = name[0], name[1]
	}
	for range 2 {
		o.round(t.Context())
	}
	for id, name := range want {
		if _, said := o.registry(uuid.MustParse(id)); said.Result != onboarding.Pass || said.Facts["name"] != name ||
			said.Facts["zip"] != "ééééé" {
			t.Errorf("%q is kept as %+v", name, said)
		}
		if n := o.db.Count(t, `select count(*) from onboarding.application a join onboarding.answer f using (tenant_id)
			where tenant_id = $1 and a.name = left($2, 200) and f.field = 'street' and f.value = a.name`, id, name); n != 1 {
			t.Errorf("%q answers no field", name)
		}
	}
	if o.log.Len() > 0 {
		t.Error(o.log.String())
	}
}

func TestF08AnApplicationThatCannotBeCheckedHoldsUpNoOther(t *testing.T) {
	o := openOffice(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(record(r.URL.Query().Get("number"), "Harbor Health", "02906")))
	})
	var stuck []uuid.UUID
	for n := range 55 { // more than a round asks
		stuck = append(stuck, o.begins(npi.Synthetic(n)))
	}
	o.db.Admin(t, `update onboarding.application set definition = 999`)
	o.db.Admin(t, `update onboarding.log set data = data || '{"definition": 999}'`)
	last := o.begins("1234567893")
	for range 2 {
		o.round(t.Context())
	}
	if _, said := o.registry(last); said.Result != onboarding.Pass {
		t.Errorf("behind those: %+v", said)
	}
	for _, id := range stuck {
		if wait := pgtest.One[time.Time](t, o.db, `select next_at from onboarding.step where tenant_id = $1
			and key = 'registry'`, id).Sub(o.now).Round(time.Second); wait < 30*time.Second {
			t.Fatalf("it is tried again in %s", wait)
		}
	}
	said := strings.Count(o.log.String(), "a check failed")
	if o.round(t.Context()); strings.Count(o.log.String(), "a check failed") != said || said != 55 {
		t.Errorf("tried again at once: %d", said)
	}
}

func TestF08AResultThatNoRowTakesIsAskedForAgainLater(t *testing.T) {
	o := openOffice(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(record(r.URL.Query().Get("number"), "Refused Health", "02906")))
	})
	o.db.Admin(t, `alter table onboarding.check_result add check (facts->>'name' is distinct from 'Refused Health')`)
	id := o.begins("1234567893")
	o.round(t.Context())
	at, said := o.registry(id)
	if said.Result != onboarding.Error || at.Attempts != 1 || at.NextAt.Sub(o.now).Round(time.Second) != 30*time.Second {
		t.Errorf("%+v, %+v", at, said)
	}
}

// halfNumber puts the number of an application back to what older releases took: no number, and what follows.
func (o *office) halfNumber(id uuid.UUID, number string) {
	o.t.Helper()
	o.db.Admin(o.t, `update onboarding.log set data = jsonb_set(data, '{answers,npi}', to_jsonb($2::text))
		where tenant_id = $1`, id, number)
}

func TestOnlyANumberThatCanBeOneIsAskedAboutAndOlderLogsAreRead(t *testing.T) {
	asked := 0
	o := openOffice(t, func(http.ResponseWriter, *http.Request) { asked++ })
	long, refused := o.begins("1234567893"), o.begins("1234567893")
	o.halfNumber(long, strings.Repeat("1", 300))
	o.halfNumber(refused, "1234567890")
	o.db.Admin(t, `update onboarding.application set version = 2 where tenant_id = $1`, refused)
	o.db.Admin(t, `insert into onboarding.log (tenant_id, version, kind, step, data, at) values ($1, 2, 'checked',
		'registry', '{"check": {"kind": "npi", "subject": "1234567890", "result": "FAIL"}}', $2)`, refused, o.now)
	o.round(t.Context())
	for _, id := range []uuid.UUID{long, refused} {
		if at, _ := o.registry(id); at.State != onboarding.StepLocked {
			t.Errorf("%+v", at)
		}
		if n := o.db.Count(t, `select count(*) from onboarding.step where tenant_id = $1 and key = 'registry'
			and (state <> 'locked' or next_at is not null)`, id); n != 0 {
			t.Error("its row is due")
		}
	}
	if asked != 0 || o.log.Len() > 0 {
		t.Errorf("asked %d times, %s", asked, o.log.String())
	}
}

func TestF08ASlowRegistryIsAskedAFewTimesAtOnceAndARoundEndsBeforeItsTime(t *testing.T) {
	var mu sync.Mutex
	asked, now, most := map[string]int{}, 0, 0
	o := openOffice(t, func(w http.ResponseWriter, r *http.Request) {
		number := r.URL.Query().Get("number")
		mu.Lock()
		asked[number]++
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(50 * time.Millisecond)
		mu.Lock()
		now--
		mu.Unlock()
		_, _ = w.Write([]byte(record(number, "Harbor Health", "02906")))
	})
	const all = 40
	for n := range all {
		o.begins(npi.Synthetic(n))
	}
	rounds, passed := 0, func() int {
		return o.db.Count(t, `select count(*) from onboarding.check_result where result = 'PASS'`)
	}
	for ; passed() < all && rounds < 100; rounds++ {
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		if err := o.Run(ctx); err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		cancel()
	}
	mu.Lock()
	defer mu.Unlock()
	if n := passed(); n != all || len(asked) != all {
		t.Errorf("%d of %d have passed, %d were asked about", n, all, len(asked))
	}
	if rounds < 2 || most < 2 || most > 4 || strings.Contains(o.log.String(), "level=ERROR") {
		t.Errorf("%d rounds, %d at once, %s", rounds, most, o.log.String())
	}
}
