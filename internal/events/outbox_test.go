package events_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindward/internal/events"
)

// Whoever closes an outbox takes apart next what its subscribers use.
func TestClosingWaitsForASubscriberThatIsBeingTold(t *testing.T) {
	db, box := fixture(t, events.Options{Poll: 20 * time.Millisecond})
	reached, release := make(chan struct{}), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	var ended atomic.Bool
	first := sync.OnceFunc(func() { close(reached) })
	slow := func([]events.Event) { first(); <-release; ended.Store(true) }
	if err := box.Subscribe(t.Context(), events.Subscriber{Handle: slow}); err != nil {
		t.Fatal(err)
	}
	happen(t, db.Connect(t, db.AdminURL()), "test")
	select {
	case <-reached:
	case <-time.After(patience):
		t.Fatal("the control: the subscriber is told nothing")
	}
	closed := make(chan struct{})
	go func() { box.Close(); close(closed) }()
	select {
	case <-closed:
		t.Error("closed while the subscriber is being told")
	case <-time.After(300 * time.Millisecond):
	}
	free()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Fatal("it does not close when the subscriber is done")
	}
	if !ended.Load() {
		t.Error("closed before the subscriber was done")
	}
}
