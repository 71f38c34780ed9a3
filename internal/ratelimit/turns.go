package ratelimit

import (
	"context"
	"sync"
)

// Turns are how much may be under way at a time for each key by itself. It is safe for concurrent use, and remembers no
// key for which nothing is under way and nobody waits.
type Turns[K comparable] struct {
	Most int

	mu sync.Mutex
	by map[K]*turn
}

// turn holds one for each that is under way. Its users are those and whoever waits.
type turn struct {
	taken chan struct{}
	users int
}

// Wait is until there is a turn of a key, or ctx ends. Leave is to follow a turn.
func (t *Turns[K]) Wait(ctx context.Context, key K) error {
	own := t.use(key)
	select {
	case own.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		t.forget(key, own)
		return ctx.Err()
	}
}

// Take takes a turn of a key, if there is one now. Leave is to follow it.
func (t *Turns[K]) Take(key K) bool {
	own := t.use(key)
	select {
	case own.taken <- struct{}{}:
		return true
	default:
		t.forget(key, own)
		return false
	}
}

// Leave gives a turn of a key back.
func (t *Turns[K]) Leave(key K) {
	t.mu.Lock()
	own := t.by[key]
	t.mu.Unlock()
	<-own.taken
	t.forget(key, own)
}

func (t *Turns[K]) use(key K) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	own, known := t.by[key]
	if !known {
		if own = (&turn{taken: make(chan struct{}, t.Most)}); t.by == nil {
			t.by = map[K]*turn{}
		}
		t.by[key] = own
	}
	own.users++
	return own
}

func (t *Turns[K]) forget(key K, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.by, key)
	}
}
