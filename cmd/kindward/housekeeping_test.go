package main

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/document"
	"kindward/internal/kyc"
	kycsimulator "kindward/internal/kyc/simulator"
	"kindward/internal/npi"
	"kindward/internal/npi/simulator"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
)

// count is a number that the database says.
func count(t *testing.T, db *pgtest.DB, sql string) (n int) {
	t.Helper()
	if err := db.Connect(t, db.AdminURL()).QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// due leaves something for each of the periodic jobs to do, and beside it what is not due yet.
func due(t *testing.T, a *app, db *pgtest.DB, c *pgtest.Clinic) {
	t.Helper()
	dies(t, c)
	c.SQL(t, `insert into request_key (key, body_hash, subject, status, location, at) values
		('old', '', $1, 303, '/', now() - interval '8 days'), ('young', '', $1, 303, '/', now() - interval '6 days')`,
		uuid.New())
	account, joining := db.Account(t, "Maya Okafor"), uuid.New()
	err := onboarding.Begin(t.Context(), db.Gateway, tenancy.Caller{Subject: account}, joining, "Maya Okafor",
		onboarding.Event{Kind: onboarding.Began, By: account, At: time.Now(), Data: onboarding.Data{Kind: "clinic",
			State: "RI", Definition: onboarding.Latest,
			Answers: map[string]string{"npi": simulator.Number(simulator.Found, 1)}}})
	if err != nil {
		t.Fatal(err)
	}
	a.store = storage.Local{Dir: t.TempDir()}
	err = document.Files{Store: a.store, Gateway: db.Gateway}.Keep(t.Context(),
		db.Gateway.AdmitApplicant(joining, tenancy.Caller{Subject: account}), onboarding.Event{Step: "documents",
			By: account, At: time.Now()}, document.File{Name: "w9.pdf", Type: "application/pdf", Content: []byte("x")}, "w9", "")
	if err != nil {
		t.Fatal(err)
	}
	db.Admin(t, `insert into onboarding.hint (event, at) values ('old', now() - interval '25 hours'), ('young', now())`)
	db.Admin(t, `delete from onboarding.exclusion_list`) // the one of all tests
	db.Admin(t, `update onboarding.step set state = 'waiting', next_at = now() + interval '1 hour' where key = 'exclusion'`)
	db.Admin(t, `insert into onboarding.notice (tenant_id, kind, version, due)
		select tenant_id, 'turn', 1, now() - interval '1 minute' from onboarding.application`)
	db.Admin(t, `insert into directory.session (token, account_id, data, expires_at) values
		('old', $1, '', now() - interval '1 minute'), ('young', $1, '', now() + interval '1 hour')`, account)
	db.Admin(t, `insert into directory.password_reset (token_hash, account_id, expires_at) values
		('old', $1, now() - interval '8 days'), ('young', $1, now() - interval '6 days')`, account)
	db.Admin(t, `insert into outbox.email (id, kind, sealed, expires_at) values
		(gen_random_uuid(), 'old', 'x', now() - interval '1 minute'), (gen_random_uuid(), 'young', 'x', now() + interval '1 hour')`)
	db.Admin(t, `insert into outbox.event (kind, subject_id, at) values
		('old', gen_random_uuid(), now() - interval '31 days'), ('young', gen_random_uuid(), now())`)
	db.Admin(t, `insert into outbox.cursor (consumer, xid, seq) select 'test', xid, seq from outbox.event order by xid desc, seq desc limit 1`)
	db.Admin(t, `insert into audit.event (at, actor, patient, purpose, resource, resource_id, action, outcome)
		select now() - interval '1 minute', $1, p, 'care', 'Patient', p, 'read', 'success'
		from (select gen_random_uuid() p from generate_series(1, 3)) x`, account)
}

// dueImports are one that is to be forgotten, and three that are not.
func dueImports(t *testing.T, c *pgtest.Clinic) {
	t.Helper()
	c.SQL(t, `with b as (insert into import_batch (id, kind, file_name, state, created_by, created_at)
		select gen_random_uuid(), 'locations', name, state, gen_random_uuid(), now() - make_interval(days => days)
		from (values ('old', 'checked', 31), ('young', 'read', 29), ('young', 'done', 89), ('young', 'running', 400))
			as v(name, state, days) returning id, file_name)
		insert into import_row (batch_id, line, cells) select id, 2, array[file_name] from b`)
}

func TestEveryPeriodicJobIsThereAndDoesItsWork(t *testing.T) {
	a, db := caretaker(t)
	registry := httptest.NewServer(&simulator.Registry{})
	t.Cleanup(registry.Close)
	a.registry = npi.NewRegistry(registry.URL)
	list := httptest.NewServer(&kycsimulator.Exclusions{Now: time.Now})
	t.Cleanup(list.Close)
	a.exclusions = &kyc.Exclusions{URL: list.URL, Queries: a.outbox.LongQueries(), Now: time.Now}
	a.ManyRecords, a.ManyShown = 2, 100
	c := db.Clinic(t)
	due(t, a, db, c)
	dueImports(t, c)
	c.SQL(t, `update practitioner set valid_until = current_date + 20`)
	licenses := httptest.NewServer(&kycsimulator.Licenses{Now: time.Now})
	t.Cleanup(licenses.Close)
	a.licenses = kyc.NewLicenses(licenses.URL)
	db.Admin(t, `insert into onboarding.change (id, tenant_id, kind, subject_id, name, was, becomes, license, license_state,
		next_at, by, at) values ($1, $1, 'location', $1, 'Main', '{}', '{"valid_until": "2027-01-31"}', 'LCI01234', 'RI',
		now(), $1, now())`, c.ID)
	claims := `select count(*) from ` + c.Schema + `.claim where state = 'held'`
	old := func(table, column string) string {
		return `select count(*) from ` + table + ` where ` + column + ` = 'old'`
	}
	want := map[string]struct {
		every time.Duration
		due   []string // each counts 1 before the job and 0 after it
	}{
		"holds.lapse":    {every: 15 * time.Second, due: []string{claims, `select count(*) from market.busy`}},
		"alerts.check":   {every: time.Minute, due: []string{`select 1 - count(*) from audit.alert`}},
		"answers.forget": {every: time.Hour, due: []string{old(c.Schema+".request_key", "key")}},
		"imports.forget": {every: time.Hour, due: []string{old(c.Schema+".import_batch", "file_name"),
			`select count(*) from ` + c.Schema + `.import_row where cells = '{old}'`}},
		"accounts.sweep": {every: time.Hour, due: []string{old("directory.session", "token"),
			old("directory.password_reset", "convert_from(token_hash, 'UTF8')")}},
		"emails.sweep": {every: time.Hour, due: []string{old("outbox.email", "sealed is not null and kind")}},
		"applications.check": {every: 5 * time.Second,
			due: []string{`select count(*) from onboarding.step where key = 'registry' and next_at is not null`}},
		"documents.scan": {every: 5 * time.Second,
			due: []string{`select count(*) from onboarding.document where next_at is not null`}},
		"documents.sweep": {every: time.Hour}, // its effect is in files_test.go
		"exclusions.import": {every: 5 * time.Minute,
			due: []string{`select 1 - count(*) from onboarding.exclusion where npi = '` + kycsimulator.ExcludedNPI + `'`}},
		"applications.tell": {every: 5 * time.Second,
			due: []string{`select count(*) from onboarding.notice where due <= now()`}},
		"contracts.reword": {every: time.Minute}, // its effect is in handlers/join: there is no other text yet
		"changes.check": {every: 5 * time.Second,
			due: []string{`select count(*) from onboarding.change where next_at is not null`}},
		"licenses.warn": {every: time.Hour, due: []string{`select 1 - count(*) from onboarding.expiry_notice`}},
		"hints.forget":  {every: time.Hour, due: []string{old("onboarding.hint", "event")}},
		"events.prune":  {every: time.Hour, due: []string{old("outbox.event", "kind")}},
	}
	left := map[string]bool{}
	for name := range want {
		left[name] = true
	}
	for _, p := range a.housekeeping() {
		w, known := want[p.Name]
		if !known || !left[p.Name] {
			t.Errorf("%q is there without a test, or twice", p.Name)
			continue
		}
		delete(left, p.Name)
		if p.Every != w.every || p.Timeout <= 0 {
			t.Errorf("%s runs every %v for %v at most, not every %v", p.Name, p.Every, p.Timeout, w.every)
		}
		for _, sql := range w.due {
			if n := count(t, db, sql); n != 1 {
				t.Errorf("%s: the control: %d are due: %s", p.Name, n, sql)
			}
		}
		if err := p.Run(t.Context()); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		for _, sql := range w.due {
			if n := count(t, db, sql); n != 0 {
				t.Errorf("%s: afterward %d are due: %s", p.Name, n, sql)
			}
		}
	}
	for name := range left {
		t.Errorf("nobody does %s", name)
	}
	for _, sql := range []string{`select count(*) from ` + c.Schema + `.request_key`,
		`select count(*) / 3 from ` + c.Schema + `.import_row where cells = '{young}'`,
		`select count(*) from directory.session where token = 'young'`,
		`select count(*) from directory.password_reset`,
		`select count(*) from outbox.email where sealed is not null and kind = 'young'`,
		`select count(*) from onboarding.hint where event = 'young'`,
		`select count(*) from outbox.event where kind = 'young'`} {
		if n := count(t, db, sql); n != 1 {
			t.Errorf("%d of what is not due are left: %s", n, sql)
		}
	}
}
