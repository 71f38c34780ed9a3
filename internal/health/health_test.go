package health

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAPartThatIsBehindIsSaidOnceAMinuteAndAgesWhileNobodyCanLook(t *testing.T) {
	now, age, failing := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), time.Duration(0), error(nil)
	var said bytes.Buffer
	w := NewWatch([]Part{{Name: "seal", Limit: 30 * time.Second, Vital: true,
		Age: func(context.Context) (time.Duration, error) { return age, failing }},
		{Name: "index", Limit: time.Minute, Age: func(context.Context) (time.Duration, error) { return 0, nil }}},
		Options{Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&said, nil))})
	after := func(d time.Duration, ok bool, lines int) {
		t.Helper()
		now = now.Add(d)
		w.Look(t.Context())
		all := w.Status()
		if all[0].OK != ok || !all[0].Vital || !all[1].OK || all[1].Vital {
			t.Errorf("%+v", all)
		}
		if n := strings.Count(said.String(), "a part is behind"); n != lines {
			t.Errorf("%d lines, not %d: %s", n, lines, said.String())
		}
	}
	after(time.Hour, true, 0)
	age = 31 * time.Second
	after(2*time.Second, false, 1)
	after(2*time.Second, false, 1)
	after(time.Minute, false, 2)
	age = 0
	after(2*time.Second, true, 2)
	if !strings.Contains(said.String(), "up to date again") {
		t.Error("nobody says that it is over")
	}
	failing = errors.New("no database")
	after(29*time.Second, true, 2)
	after(2*time.Second, false, 3)
	failing = nil
	after(2*time.Second, true, 3)
	now = now.Add(31 * time.Second) // and nobody looks
	if all := w.Status(); all[0].OK {
		t.Error("what nobody has looked at for longer than its limit counts as up to date")
	}
}

func TestAPartThatDoesNotAnswerKeepsNoLookWaiting(t *testing.T) {
	w := NewWatch([]Part{{Name: "stuck", Limit: time.Hour, Age: func(ctx context.Context) (time.Duration, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}}}, Options{Every: 10 * time.Millisecond})
	done := make(chan struct{})
	go func() { w.Look(t.Context()); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("it waits for ever")
	}
}
