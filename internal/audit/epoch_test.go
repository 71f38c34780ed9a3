package audit_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kindward/internal/audit"
	"kindward/internal/events"
	"kindward/queries/relaydb"
)

// putBack keeps the audit as it is, lets the database go on for a while, and puts back what was kept.
func putBack(t *testing.T) *fixture {
	h := a37(t)
	h.happen(t, 2) // committed and not sealed when the backup is taken
	for _, table := range []string{"event", "leaf", "node", "checkpoint"} {
		h.exec(t, "drop table audit.kept_"+table)
		h.exec(t, "create table audit.kept_"+table+" as table audit."+table)
	}
	h.happen(t, 20)
	h.sealAll(t) // 126, of which the backup has 104
	h.restore(t)
	return h
}

func (h *fixture) begin(t *testing.T) *audit.Epoch {
	t.Helper()
	within := func(ctx context.Context, fn func(*relaydb.Queries) error) error {
		return events.WithinAudit(ctx, h.admin, fn)
	}
	e, err := audit.Restore(t.Context(), within, h.key, h.checkpoints, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestARestoredDatabaseGoesOnInAnEpochThatSaysWhatIsLost(t *testing.T) {
	h := putBack(t)
	if _, err := h.sealer().Once(t.Context()); !errors.Is(err, audit.ErrCut) {
		t.Fatalf("the control: without an epoch it is sealed, %v", err)
	}
	if r := h.verify(t); r.OK() {
		t.Fatal("the control: without an epoch nothing is found")
	}
	e := h.begin(t)
	if e == nil || e.Epoch != 2 || e.Size != 104 || e.Known.Size != 126 {
		t.Fatalf("%+v", e)
	}
	if again := h.begin(t); again != nil {
		t.Errorf("a second time begins %+v", again)
	}
	if r := h.verify(t); !r.OK() || len(r.Epochs) != 1 || r.Epochs[0].Lost != 126-104 || r.Epochs[0].Root != e.Root {
		t.Errorf("at once: %+v", r)
	}
	h.happen(t, 40)
	h.sealAll(t)
	r := h.verify(t)
	if !r.OK() || r.Events != 104+2+1+40 || r.Epochs[0].Lost != 126-104 || r.Unsealed != 0 {
		t.Errorf("%+v", r)
	}
	if n := value[int](t, h, `select count(*)::int from audit.event where action = 'restore' and fields @> '{epoch:2}'`); n != 1 {
		t.Error("the audit does not say so")
	}
	log := h.export(t)
	if r := h.verifyExport(t, log); !r.OK() || len(r.Epochs) != 1 {
		t.Errorf("the export: %+v", r)
	}
	if r := h.verifyExport(t, bytes.Replace(log, []byte(`"action":"restore"`), []byte(`"action":"restart"`), 1)); r.OK() {
		t.Error("a change of the export is not found")
	}
}

func TestA37WhatIsDoneInEitherEpochIsFound(t *testing.T) {
	h := putBack(t)
	h.begin(t)
	h.happen(t, 40)
	h.sealAll(t)
	outside, err := os.ReadFile(h.checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"event", "leaf", "node", "checkpoint", "epoch"} {
		h.exec(t, "drop table if exists audit.kept_"+table)
		h.exec(t, "create table audit.kept_"+table+" as table audit."+table)
	}
	for _, c := range []struct {
		name, sql string
		outside   []byte
		want      string
	}{
		{"intact", `select 1`, outside, ""},
		{"an event of the first epoch", `update audit.event set resource = 'x' where seq = ` + nth + `40)`, outside,
			"changed: event "},
		{"an event that was left over", `update audit.event set resource = 'x' where seq = ` + nth + `105)`, outside,
			"changed: event "},
		{"an event of the second epoch", `delete from audit.event where seq = ` + nth + `120)`, outside, "deleted: event "},
		{"the event that says so", `delete from audit.event where action = 'restore'`, outside, "deleted: event "},
		{"the tail of the second epoch", `delete from audit.event where seq >= ` + nth + `130);
			delete from audit.leaf where number >= 130; delete from audit.checkpoint where size > 130`, outside, "cut: "},
		{"the epoch", `delete from audit.epoch`, outside, "forged: the checkpoint of 106 events was signed in epoch 2"},
		{"the epoch's place", `update audit.epoch set size = 90`, outside, "forged: epoch 2"},
		{"an event put in", `insert into audit.event (xid, purpose, resource, action, outcome)
			select '1', 'care', 'Patient', 'read', 'success'`, outside, "added: event "},
		{"the beginning outside", `select 1`, without(outside, `begun`), "cut: checkpoints.jsonl does not say that epoch 2 began"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer h.restore(t)
			defer h.exec(t, `truncate audit.epoch; insert into audit.epoch table audit.kept_epoch`)
			h.exec(t, c.sql)
			if err := os.WriteFile(h.checkpoints.Path, c.outside, 0o600); err != nil {
				t.Fatal(err)
			}
			if r := h.verify(t); r.OK() != (c.want == "") || c.want != "" && !found(r, c.want) {
				t.Errorf("%v", r.Findings)
			}
		})
	}
}

// backup is the audit as a backup of the database has it.
func (h *fixture) backup(t *testing.T, name string) {
	for _, table := range backedUp {
		h.exec(t, "create table audit."+name+"_"+table+" as table audit."+table)
	}
}

// putBackFrom is the audit as a restore of a backup leaves it, and the epoch that begins then.
func (h *fixture) putBackFrom(t *testing.T, name string) *audit.Epoch {
	for _, table := range backedUp {
		h.exec(t, "truncate audit."+table)
		h.exec(t, "insert into audit."+table+" overriding system value table audit."+name+"_"+table)
	}
	e := h.begin(t)
	if e == nil {
		t.Fatal("no epoch begins")
	}
	h.goOn(t, 7)
	return e
}

var backedUp = []string{"event", "leaf", "node", "checkpoint", "epoch"}

func (h *fixture) goOn(t *testing.T, events int) {
	h.happen(t, events)
	h.sealAll(t)
}

// epochs are the numbers of some.
func epochs(all []audit.Epoch) (n []int) {
	for _, e := range all {
		n = append(n, e.Epoch)
	}
	return n
}

// intact fails unless nothing is found in the database nor in its export, which know these epochs and have lost these.
func (h *fixture) intact(t *testing.T, when string, known, lost []int) *audit.Report {
	t.Helper()
	r := h.verify(t)
	for what, r := range map[string]*audit.Report{"the database": r, "the export": h.verifyExport(t, h.export(t))} {
		if !r.OK() || !slices.Equal(epochs(r.Epochs), known) || !slices.Equal(epochs(r.LostEpochs), lost) {
			t.Errorf("%s: %s: %v, lost %v, %v", when, what, epochs(r.Epochs), epochs(r.LostEpochs), r.Findings)
		}
	}
	return r
}

func TestADatabaseIsPutBackFromAnyBackupHoweverOften(t *testing.T) {
	h := open(t)
	h.goOn(t, 10)
	h.backup(t, "older")
	h.goOn(t, 10)
	h.backup(t, "newer")
	h.goOn(t, 10)
	h.putBackFrom(t, "older") // epoch 2 begins at 10
	h.intact(t, "once", []int{2}, nil)
	h.backup(t, "second")
	h.goOn(t, 3)
	h.putBackFrom(t, "older")
	r := h.intact(t, "the same backup again", []int{3}, []int{2})
	if r.LostEpochs[0].Lost != 20 || r.Epochs[0].Lost != 1+7+3 {
		t.Errorf("lost %d of the first epoch and %d of the second", r.LostEpochs[0].Lost, r.Epochs[0].Lost)
	}
	h.putBackFrom(t, "newer")
	h.intact(t, "a newer backup of the first epoch", []int{4}, []int{2, 3})
	h.putBackFrom(t, "second")
	h.intact(t, "a backup of the second epoch", []int{2, 5}, []int{3, 4})
	h.begin(t) // nothing was put back
	h.goOn(t, 5)
	h.intact(t, "later on", []int{2, 5}, []int{3, 4})

	whole, err := os.ReadFile(h.checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ sql, without, want string }{
		"an event":                    {`delete from audit.event where seq = ` + nth + `25)`, "", "deleted: event "},
		"the tail":                    {`delete from audit.event where seq >= ` + nth + `22); delete from audit.leaf where number >= 22; delete from audit.checkpoint where size > 22`, "", "cut: "},
		"an epoch":                    {`delete from audit.epoch where number = 2`, "", "forged: the checkpoint of "},
		"the newest epoch":            {`delete from audit.epoch where number = 5`, "", "cut: checkpoints.jsonl begins an epoch"},
		"the word of a lost epoch":    {`select 1`, `epoch 3\nbegun`, "cut: checkpoints.jsonl does not say that epoch 3 began"},
		"the word of a present epoch": {`select 1`, `epoch 2\nbegun`, "cut: checkpoints.jsonl does not say that epoch 2 began"},
	} {
		t.Run(name, func(t *testing.T) {
			h.backup(t, "kept")
			defer func() {
				for _, table := range backedUp {
					h.exec(t, "truncate audit."+table)
					h.exec(t, "insert into audit."+table+" overriding system value table audit.kept_"+table)
					h.exec(t, "drop table audit.kept_"+table)
				}
			}()
			h.exec(t, c.sql)
			outside := whole
			if c.without != "" {
				outside = without(whole, c.without)
			}
			if err := os.WriteFile(h.checkpoints.Path, outside, 0o600); err != nil {
				t.Fatal(err)
			}
			if r := h.verify(t); !found(r, c.want) {
				t.Errorf("%v", r.Findings)
			}
		})
	}
}

func TestALogOutsideThatIsNewIsToldOfEveryEpoch(t *testing.T) {
	h := open(t)
	h.goOn(t, 10)
	h.backup(t, "first")
	h.goOn(t, 10)
	h.putBackFrom(t, "first")
	h.backup(t, "second")
	h.goOn(t, 10)
	h.putBackFrom(t, "second")
	if err := os.Rename(h.checkpoints.Path, h.checkpoints.Path+".aside"); err != nil { // as kindward keys abandon does
		t.Fatal(err)
	}
	if _, err := h.sealer().Once(t.Context()); err != nil { // and a process that ends at once
		t.Fatal(err)
	}
	h.goOn(t, 5)
	h.intact(t, "with a new log", []int{2, 3}, nil)
}

// without leaves the lines of a log out that have a mark.
func without(log []byte, mark string) []byte {
	var kept [][]byte
	for line := range bytes.Lines(log) {
		if !bytes.Contains(line, []byte(mark)) {
			kept = append(kept, line)
		}
	}
	return bytes.Join(kept, nil)
}

func TestWhoeverPutsALineAsideAfterwardIsFound(t *testing.T) {
	h := putBack(t)
	whole, err := os.ReadFile(h.checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	known := bytes.Join(lines[:8], nil) // up to the backup, as if nothing had come after it
	if err := os.WriteFile(h.checkpoints.Path, known, 0o600); err != nil {
		t.Fatal(err)
	}
	h.exec(t, `update audit.checkpoint set at = now()`)
	if e := h.begin(t); e != nil {
		t.Fatalf("nothing is known to be lost, and an epoch begins: %+v", e)
	}
	h.happen(t, 1)
	h.sealAll(t)
	if err := os.WriteFile(h.checkpoints.Path, whole, 0o600); err != nil { // a copy from elsewhere
		t.Fatal(err)
	}
	if r := h.verify(t); r.OK() {
		t.Error("another tree of the same size is not found")
	}
}

func (h *fixture) export(t *testing.T) []byte {
	t.Helper()
	var log bytes.Buffer
	h.snapshot(t, func(q *relaydb.Queries) error {
		_, err := audit.Export(t.Context(), q, h.key.Origin, &log)
		return err
	})
	return log.Bytes()
}

func (h *fixture) verifyExport(t *testing.T, log []byte) *audit.Report {
	t.Helper()
	v, err := audit.NewVerifier(h.key.Public)
	if err != nil {
		t.Fatal(err)
	}
	outside, err := os.ReadFile(h.checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.VerifyExport(bytes.NewReader(log), v, strings.NewReader(string(outside)), "checkpoints.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return r
}
