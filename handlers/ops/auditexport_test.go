package ops_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/audit"
	outbox "kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
)

func TestA37WhatTheConsoleExportsVerifiesWithThePublicKeyAloneAndNamesEachDifference(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	site.Admin(t, `insert into audit.event (purpose, resource, action, outcome, fields)
		select 'care', 'Patient', 'read', 'success', array['<é>' || n] from generate_series(1, 21) n`)
	key, err := audit.KeyOf(site.Keys.Vault())
	if err != nil {
		t.Fatal(err)
	}
	sealer := &audit.Sealer{Holder: uuid.New(), Key: key, Log: slog.New(slog.DiscardHandler),
		Checkpoints: audit.CheckpointLog{Path: filepath.Join(t.TempDir(), "checkpoints.jsonl")},
		Session: func(ctx context.Context, fn func(*relaydb.Queries) error) error {
			return outbox.Session(ctx, site.RelayURL(), fn)
		}}
	for sealed, end := 0, time.Now().Add(time.Minute); sealed < 21; { // nothing while an older transaction is under way
		n, err := sealer.Once(t.Context())
		if sealed += n; err != nil || time.Now().After(end) {
			t.Fatal(sealed, err)
		}
	}
	verifier, err := audit.NewVerifier(key.Public)
	if err != nil {
		t.Fatal(err)
	}
	site.Admin(t, `insert into audit.event (purpose, resource, action, outcome) values ('care', 'Patient', 'read', 'success')`)
	file := site.Staff(t, "Cora", "compliance").Get("/ops/audit/export.jsonl?purpose=care").Body
	verify := func(text string) *audit.Report {
		r, err := audit.VerifyExport(strings.NewReader(text), verifier, nil, "")
		if err != nil {
			t.Fatal(err, text)
		}
		return r
	}
	if r := verify(file); !r.OK() || r.Events != 21 || r.Unsealed != 1 {
		t.Errorf("%v %+v", r.Findings, r)
	}
	lines := strings.SplitAfter(file, "\n")
	for name, c := range map[string]struct{ text, kind string }{
		"changed": {strings.Replace(file, `"read","fields":["\u003cé`, `"list","fields":["\u003cé`, 1), "changed"},
		"deleted": {strings.Join(append(append([]string{}, lines[:6]...), lines[7:]...), ""), "deleted"},
		"twice":   {strings.Join(append(append([]string{}, lines[:6]...), lines[5:]...), ""), "added"},
		"cut":     {strings.Join(lines[:9], ""), "cut"},
		"forged":  {strings.Replace(file, "kindward/audit/", "somebody/audit/", 1), "forged"},
	} {
		if c.text == file {
			t.Fatal(name, "changes nothing")
		}
		if r := verify(c.text); r.OK() || r.Findings[0].Kind != c.kind {
			t.Errorf("%s: %v", name, r.Findings)
		}
	}
}
