package embedpg

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain lets the test binary be the Kindward that a test kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv("EMBEDPG_TEST_KINDWARD"); dir != "" {
		if _, err := Start(context.Background(), Options{DataDir: dir}); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed, or the test is gone
		os.Exit(0)
	}
	code := m.Run()
	for _, dir := range leftAtEnd {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// dataDir is a folder like a person's: private, below one that anybody may enter
// (t.TempDir's parent is closed, and root's PostgreSQL would live elsewhere).
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(roomy(), "embedpg")
	ok(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// roomy is memory where there is plenty: waiting for the disk is most of what
// these tests would do.
func roomy() string {
	if free, err := freeSpace("/dev/shm"); err == nil && free > 4<<30 {
		return "/dev/shm"
	}
	return ""
}

// madeDir is a dataDir with a cluster in it: a copy of one made once, for initdb
// is the slow part.
func madeDir(t *testing.T) string {
	t.Helper()
	template, err := made()
	ok(t, err)
	dir := dataDir(t)
	if output, err := exec.Command("cp", "-a", template+"/.", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return dir
}

var made = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp(roomy(), "embedpg")
	if err != nil {
		return "", err
	}
	leftAtEnd = append(leftAtEnd, dir)
	s, err := Start(context.Background(), Options{DataDir: dir, Fast: true})
	if err != nil {
		return "", err
	}
	return dir, s.Stop()
})

var leftAtEnd []string

// brought starts a server and stops it with the test; durable is for tests that
// kill it, for a fast server forgets its last commits then.
func brought(t *testing.T, dir string) *Server { t.Helper(); return bring(t, dir, true) }
func durable(t *testing.T, dir string) *Server { t.Helper(); return bring(t, dir, false) }

func bring(t *testing.T, dir string, fast bool) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{DataDir: dir, Fast: fast, Say: func(line string) { t.Log(line) }})
	ok(t, err)
	t.Cleanup(func() { s.Stop() })
	return s
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// plain checks that an error is of its kind and one line for a person.
func plain(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	t.Log(err)
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the line %q does not say %q", err, word)
		}
	}
	if strings.ContainsAny(err.Error(), "\n\t") {
		t.Errorf("more than one line: %q", err)
	}
}

func connect(t *testing.T, s *Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres", "kindward"))
	ok(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// remember writes a row that must survive whatever the test does.
func remember(t *testing.T, s *Server) {
	t.Helper()
	conn := connect(t, s)
	_, err := conn.Exec(t.Context(), `create table memory (what text); insert into memory values ('kept')`)
	ok(t, err)
	ok(t, conn.Close(t.Context()))
}

func remembers(t *testing.T, s *Server) {
	t.Helper()
	if got := ask(t, s, `select what from memory`); got != "kept" {
		t.Errorf("the row is %q", got)
	}
}

func ask(t *testing.T, s *Server, query string) (answer string) {
	t.Helper()
	conn := connect(t, s)
	ok(t, conn.QueryRow(t.Context(), query).Scan(&answer))
	ok(t, conn.Close(t.Context()))
	return answer
}

// patience is how long a test waits for what must come: long enough for a machine that has much else to do.
const patience = time.Minute

// eventually waits until what is done, and fails with the sentence if it never is.
func eventually(t *testing.T, sentence string, done func() bool) {
	t.Helper()
	for begin := time.Now(); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("not within %s: %s", patience, sentence)
		}
	}
}
