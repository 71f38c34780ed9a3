package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/document"
	"kindward/internal/onboarding"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
)

// F10: what was written before a process ended, or was taken out, is deleted; what counts and what is young stays.
func TestF10ObjectsThatNoDocumentRefersToAreDeletedAfterAnHour(t *testing.T) {
	a, db := caretaker(t)
	dir := t.TempDir()
	a.store = storage.Local{Dir: dir}
	account, joining := db.Account(t, "Maya Okafor"), uuid.New()
	maya := tenancy.Caller{Subject: account}
	err := onboarding.Begin(t.Context(), db.Gateway, maya, joining, "Maya Okafor", onboarding.Event{Kind: onboarding.Began,
		By: account, At: time.Now(), Data: onboarding.Data{Kind: "clinic", State: "RI", Definition: onboarding.Latest}})
	if err != nil {
		t.Fatal(err)
	}
	scope := db.Gateway.AdmitApplicant(joining, maya)
	keep := func(kind string) {
		file := document.File{Name: kind + ".pdf", Type: "application/pdf", Content: []byte(kind)}
		sent := onboarding.Event{Step: "documents", By: account, At: time.Now()}
		err := a.scans().Keep(t.Context(), scope, sent, file, kind, "")
		if err != nil {
			t.Fatal(err)
		}
	}
	key := func(id uuid.UUID) string { return "documents/" + joining.String() + "/" + id.String() }
	kept := func(kind string) string {
		_, now, err := onboarding.Load(t.Context(), db.Gateway, scope)
		if err != nil {
			t.Fatal(err)
		}
		return key(now.Documents[kind].ID)
	}
	keep("w9")
	replaced := kept("w9")
	keep("w9")
	orphan, young := key(uuid.New()), key(uuid.New())
	for _, at := range []string{orphan, young, "another/file"} {
		if err := a.store.Put(t.Context(), at, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * document.Orphan)
	for _, at := range []string{replaced, kept("w9"), orphan, "another/file"} {
		if err := os.Chtimes(filepath.Join(dir, filepath.FromSlash(at)), before, before); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.scans().Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for at, stays := range map[string]bool{replaced: false, orphan: false, kept("w9"): true, young: true,
		"another/file": true} {
		if _, err := a.store.Get(t.Context(), at); stays != (err == nil) || !stays && !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("%s stays: %t; %v", at, stays, err)
		}
	}
}
