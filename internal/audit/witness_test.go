package audit_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/audit"
	"kindward/internal/events"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
	"kindward/queries/shareddb"
)

// watched is a database whose gateway has a witness; stop ends it, once it has written down what it was told.
func watched(t *testing.T) (h *fixture, dir string, write func(action string), stop func()) {
	t.Helper()
	h, dir = open(t), filepath.Join(t.TempDir(), "witness")
	w := audit.NewWitness(dir, time.Now, quiet())
	gateway, err := tenancy.Open(t.Context(), h.AppURL(), h.Keys, tenancy.Options{Witness: w.Tell})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	ctx, end := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { w.Run(ctx) })
	stop = sync.OnceFunc(func() { end(); done.Wait() })
	t.Cleanup(stop)
	home := gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: uuid.New(), RequestID: "r <&>"})
	return h, dir, func(action string) {
		t.Helper()
		if err := gateway.Shared(home).WriteAccountEvent(t.Context(), new(uuid.New()), action, "success"); err != nil {
			t.Fatal(err)
		}
	}, stop
}

func TestA50WhatIsDeletedOrChangedBeforeItIsSealedIsFoundByTheWitness(t *testing.T) {
	for _, c := range []struct{ name, sql, want string }{
		{"intact", `select 1`, ""},
		{"deleted", `delete from audit.event where action = 'second'`, "deleted: event 2 of "},
		{"the last deleted", `delete from audit.event where action = 'third'`, "deleted: event 3 of "},
		{"changed", `update audit.event set action = 'sneaked' where action = 'second'`, "changed: event 2 of "},
		{"another one in its place", `update audit.event set id = gen_random_uuid(), resource_id = null where seq = 2`,
			"changed: event 2 of "},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, dir, write, stop := watched(t)
			for _, action := range []string{"first", "second", "third"} {
				write(action)
			}
			stop()
			h.exec(t, c.sql)
			for _, when := range []string{"before it is sealed", "afterward"} {
				r := h.verifyWith(t, dir)
				if r.Witnessed != 3 || r.OK() != (c.want == "") || c.want != "" && !found(r, c.want) {
					t.Errorf("%s: %+v", when, r)
				}
				if r := h.verify(t); !r.OK() {
					t.Errorf("the control, without the witness: %v", r.Findings)
				}
				h.sealAll(t)
			}
		})
	}
}

func TestWhatAWitnessMissedIsNoFinding(t *testing.T) {
	h, dir, write, stop := watched(t)
	write("first")
	h.happen(t, 3) // of a process that was killed before it wrote them down
	write("second")
	stop()
	file := onlyFile(t, dir)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"seq":9,"xid":1,"at":"20`); err != nil { // and of one that was killed over it
		t.Fatal(err)
	}
	f.Close()
	h.sealAll(t)
	if r := h.verifyWith(t, file); !r.OK() || r.Witnessed != 2 || r.Unreadable != 1 {
		t.Errorf("%+v", r)
	}
	if r := h.verifyWith(t, t.TempDir()); !r.OK() || r.WitnessFiles != 0 {
		t.Errorf("%+v", r)
	}
	v, err := audit.NewVerifier(h.key.Public)
	if err != nil {
		t.Fatal(err)
	}
	err = events.Snapshot(t.Context(), h.RelayURL(), func(q *relaydb.Queries) error {
		_, err := audit.VerifyDatabase(t.Context(), q, v, h.checkpoints, filepath.Join(dir, "nowhere"))
		return err
	})
	if !errors.Is(err, audit.ErrNoWitness) {
		t.Error("a witness that is named and is not there was compared:", err)
	}
}

func TestAWitnessThatCannotWriteKeepsNobodyWaitingAndSaysSo(t *testing.T) {
	var log syncBuffer
	w := audit.NewWitness(filepath.Join(onlyFile(t, ""), "below a file"), time.Now,
		slog.New(slog.NewTextHandler(&log, nil)))
	for range 5000 { // nobody takes them yet
		w.Tell(make([]shareddb.AuditEventRow, 1))
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	w.Run(ctx)
	if !strings.Contains(log.text(), "events are not witnessed") {
		t.Error(log.text())
	}
}

// onlyFile is the one file of a folder; "": a new one.
func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return filepath.Join(dir, all[0].Name())
}

func TestALineThatAFullDiskBrokeOffTakesNoOtherWithIt(t *testing.T) {
	for _, left := range []string{"", `{"seq":75,"xi`, "not a line\n"} { // "": the control
		h, dir, write, stop := watched(t)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, time.Now().UTC().Format(time.DateOnly)+".jsonl")
		if err := os.WriteFile(file, []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
		write("first")
		write("second")
		stop()
		if r := h.verifyWith(t, dir); !r.OK() || r.Witnessed != 2 || (r.Unreadable == 1) != (left != "") {
			t.Errorf("after %q: %+v", left, r)
		}
	}
}
