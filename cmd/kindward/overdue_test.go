package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// lines is a log that several may write and a test reads.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestA51TheWorkerEndsATransactionOfPagesThatStaysOpenAndSaysSo(t *testing.T) {
	a, db := caretaker(t)
	var log lines
	a.log = slog.New(slog.NewTextHandler(&log, nil))
	conn := db.Connect(t, db.AppURL())
	for _, sql := range []string{"set idle_in_transaction_session_timeout = 0", "begin", "select pg_current_xact_id()"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { a.endOverdue(ctx, 100*time.Millisecond, 10*time.Millisecond) })
	for end := time.Now().Add(time.Minute); !strings.Contains(log.String(), "a session was ended"); {
		if time.Now().After(end) {
			t.Fatal("nobody ends it: ", log.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	done.Wait()
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the session goes on")
	}
}
