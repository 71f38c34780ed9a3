package document

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kindward/internal/document/simulator"
)

// scannerFor is a scanner of the test's own, or the one that the environment names.
func scannerFor(t *testing.T) (s Scanner, real bool) {
	if at := os.Getenv("KINDWARD_TEST_CLAMD"); at != "" {
		return Scanner{Address: at, Wait: time.Minute}, true
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- (&simulator.Clamd{Slow: 50 * time.Millisecond}).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return Scanner{Address: l.Addr().String(), Wait: time.Minute}, false
}

// The test file of all scanners, in two halves so that no scanner minds this one.
const testVirus = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + simulator.MarkFound + `!$H+H*`

func TestAScannerPassesWhatIsCleanAndNamesWhatItFinds(t *testing.T) {
	s, _ := scannerFor(t)
	keepsTheContract(t, s)
}

// A clamd that the machine has answers as the simulator does. It knows the one signature of the test file.
func TestAClamdOfTheMachineKeepsTheContract(t *testing.T) {
	clamd, err := exec.LookPath("clamd")
	if err != nil {
		t.Skip("this machine has no clamd")
	}
	dir := t.TempDir()
	s := Scanner{Address: filepath.Join(dir, "clamd.socket"), Wait: time.Minute}
	for name, text := range map[string]string{"clamd.conf": "Foreground yes\nLocalSocket " + s.Address +
		"\nDatabaseDirectory " + dir + "\n", "test.hdb": fmt.Sprintf("%x:%d:Eicar-Test-Signature\n",
		md5.Sum([]byte(testVirus)), len(testVirus))} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := exec.CommandContext(t.Context(), clamd, "--config-file="+filepath.Join(dir, "clamd.conf"))
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Process.Kill(); _ = program.Wait() })
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err := s.Scan(t.Context(), []byte("x")); err == nil {
			break
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	keepsTheContract(t, s)
}

func keepsTheContract(t *testing.T, s Scanner) {
	t.Helper()
	for range 2 {
		if found, err := s.Scan(t.Context(), Sample("A license")); found != "" || err != nil {
			t.Errorf("clean: %q, %v", found, err)
		}
	}
	if found, err := s.Scan(t.Context(), make([]byte, 3*sentAtOnce+1)); found != "" || err != nil {
		t.Errorf("in several chunks: %q, %v", found, err)
	}
	if found, err := s.Scan(t.Context(), []byte(testVirus)); found == "" || err != nil {
		t.Errorf("the test file: %q, %v", found, err)
	}
}

func TestNothingButOneWholeAnswerPasses(t *testing.T) {
	for _, answer := range []string{"stream: OK", "stream: OK\x00stream: OK\x00", "stream: OK\x00\n", "OK\x00", "\x00"} {
		if found, err := verdict([]byte(answer)); !errors.Is(err, ErrScanner) {
			t.Errorf("%q: %q, %v", answer, found, err)
		}
	}
	if found, err := verdict([]byte("stream: OK\x00")); found != "" || err != nil {
		t.Errorf("control: %q, %v", found, err)
	}
}

func TestNothingButAWholeAnswerPasses(t *testing.T) {
	s, real := scannerFor(t)
	if real {
		t.Skip("a real scanner misbehaves for nobody")
	}
	if found, err := s.Scan(t.Context(), []byte(simulator.MarkSlow)); found != "" || err != nil {
		t.Errorf("slow: %q, %v", found, err)
	}
	for _, mark := range []string{simulator.MarkGarbage, simulator.MarkHalf, simulator.MarkLimit, simulator.MarkDrop} {
		if found, err := s.Scan(t.Context(), []byte(mark)); !errors.Is(err, ErrScanner) || found != "" {
			t.Errorf("%s: %q, %v", mark, found, err)
		}
	}
	s.Wait = 100 * time.Millisecond
	if found, err := s.Scan(t.Context(), []byte(simulator.MarkHang)); !errors.Is(err, ErrScanner) || found != "" {
		t.Errorf("hangs: %q, %v", found, err)
	}
	down, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = down.Close()
	s.Address = down.Addr().String()
	if _, err := s.Scan(t.Context(), []byte("x")); !errors.Is(err, ErrScanner) {
		t.Errorf("down: %v", err)
	}
}
