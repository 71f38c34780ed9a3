package ratelimit

import (
	"context"
	"sync"
)

// KeyedSemaphore bounds how much is under way at a time for each key by itself. It is safe for concurrent use, and
// remembers no key for which nothing is under way and nobody waits.
type KeyedSemaphore[K comparable] struct {
	Most int

	mu sync.Mutex
	by map[K]*semaphore
}

// semaphore holds one for each that is under way. Its users are those and whoever waits.
type semaphore struct {
	taken chan struct{}
	users int
}

// Acquire waits until one more may be under way for a key, or ctx ends. Release is to follow it.
func (s *KeyedSemaphore[K]) Acquire(ctx context.Context, key K) error {
	own := s.use(key)
	select {
	case own.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		s.forget(key, own)
		return ctx.Err()
	}
}

// TryAcquire tells whether one more may be under way for a key now. Release is to follow it.
func (s *KeyedSemaphore[K]) TryAcquire(key K) bool {
	own := s.use(key)
	select {
	case own.taken <- struct{}{}:
		return true
	default:
		s.forget(key, own)
		return false
	}
}

// Release ends what is under way for a key.
func (s *KeyedSemaphore[K]) Release(key K) {
	s.mu.Lock()
	own := s.by[key]
	s.mu.Unlock()
	<-own.taken
	s.forget(key, own)
}

func (s *KeyedSemaphore[K]) use(key K) *semaphore {
	s.mu.Lock()
	defer s.mu.Unlock()
	own, known := s.by[key]
	if !known {
		if own = (&semaphore{taken: make(chan struct{}, s.Most)}); s.by == nil {
			s.by = map[K]*semaphore{}
		}
		s.by[key] = own
	}
	own.users++
	return own
}

func (s *KeyedSemaphore[K]) forget(key K, own *semaphore) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(s.by, key)
	}
}
