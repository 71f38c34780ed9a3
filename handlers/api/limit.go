package api

import (
	"sync"
	"time"
)

// A key may ask perWindow times in each window, counted by each process of the deployment for itself.
const (
	perWindow = 120
	window    = time.Minute
)

// Limiter counts the requests of keys in this process. The zero Limiter is ready.
type Limiter struct {
	mu    sync.Mutex
	began time.Time
	used  map[string]int
}

// Take counts one request. left is how many more there may be before the window ends, -1 when this one was too many; wait is how
// long the window lasts still.
func (l *Limiter) Take(key string, now time.Time) (left int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if began := now.Truncate(window); l.used == nil || !began.Equal(l.began) {
		l.began, l.used = began, map[string]int{}
	}
	wait = l.began.Add(window).Sub(now)
	if l.used[key] >= perWindow {
		return -1, wait
	}
	l.used[key]++
	return perWindow - l.used[key], wait
}
