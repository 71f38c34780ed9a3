package document

import (
	"context"
	"errors"
	"net"
	"os"
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
