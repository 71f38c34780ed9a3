package ops_test

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

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

// interrupted is an answer during which something happens once a part of it has been sent.
type interrupted struct {
	http.ResponseWriter
	happens func()
}

func (w interrupted) Flush() {
	w.ResponseWriter.(http.Flusher).Flush()
	w.happens()
}

func TestA56AnExportEndsWithTheRoleOfWhoeverAskedForIt(t *testing.T) {
	happens := func() {}
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{}), Before: func(e *echo.Echo) {
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				c.Response().Writer = interrupted{c.Response().Writer, func() { happens() }}
				return next(c)
			}
		})
	}})
	site.Admin(t, `insert into audit.event (purpose, resource, action, outcome)
		select 'care', 'Patient', 'read', 'success' from generate_series(1, 2500) n`)
	cora := site.Staff(t, "Cora", "compliance")
	const export = "/ops/audit/export.csv?purpose=care"
	if all := cora.Get(export).Body; strings.Count(all, "\r\n") < 2500 || !strings.Contains(all, "This is all.") {
		t.Fatalf("control: the export of somebody who may: %d lines", strings.Count(all, "\r\n"))
	}
	happens = func() { site.Admin(t, `update directory.staff set ended_at = now() where account_id = $1`, cora.ID) }
	if part := cora.Get(export).Body; strings.Count(part, "\r\n") > 1001 || strings.Contains(part, "This is all.") {
		t.Errorf("%d lines were sent of which 1000 before the role ended", strings.Count(part, "\r\n"))
	}
}
