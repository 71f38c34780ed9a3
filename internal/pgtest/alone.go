package pgtest

import (
	"os"
	"testing"

	"kindward/internal/embedpg"
	"kindward/internal/tenancy"
)

// Alone gives a database on a PostgreSQL of its own, for tests that do harm to it: what it commits is on the disk, and
// it comes back at the same address when it is killed.
func Alone(t testing.TB, o tenancy.Options) *DB {
	t.Helper()
	dir, err := os.MkdirTemp("", "kindward-alone-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // a server that drops root must reach its cluster below
		t.Fatal(err)
	}
	server, err := embedpg.Start(t.Context(), embedpg.Options{DataDir: dir, Restart: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() }) // perhaps killed a moment ago
	return cluster{server, dir}.fresh(t, o, product)
}
