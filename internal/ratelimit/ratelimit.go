// Package ratelimit is how often something may happen in this process: to an address range, an API key, all
// sign-ins together. What all processes of a deployment count together is identity.AttemptLimiter.
package ratelimit

import (
	"container/list"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is how often each key may pass: Burst times at once, and one more for every Every that goes by, up to Burst
// again. A Burst below 1 counts as 1; an Every of zero or less limits nothing.
type Limit struct {
	Burst int
	Every time.Duration
}

// Unlimited lets everything pass.
var Unlimited = Limit{Burst: 1}

// Window is how long it takes until Burst may pass at once again after all of them have.
func (l Limit) Window() time.Duration { return time.Duration(l.burst()) * max(l.Every, 0) }

func (l Limit) burst() int { return max(l.Burst, 1) }

func (l Limit) rate() rate.Limit {
	if l.Every <= 0 {
		return rate.Inf
	}
	return rate.Every(l.Every)
}

// Limiter counts for each key by itself, so that one that has used up its limit never delays another. It is safe for
// concurrent use. A request costs the same however many keys there are, well below a microsecond.
//
// It remembers a fixed number of keys, those that asked last, refused requests included. A key is forgotten, and starts
// again with its whole burst, only after as many other keys as fit have asked since it asked last. Who commands more
// keys than that has a burst with each of them anyway.
type Limiter struct {
	limit Limit
	most  int

	mu    sync.Mutex
	by    map[string]*list.Element // of entry
	order *list.List               // the key that asked last in front
}

// entry is a key with what it has left.
type entry struct {
	key    string
	bucket *rate.Limiter
}

// New is a limiter that remembers most keys, at least one. Each costs about 300 bytes and the length of the key.
func New(limit Limit, most int) *Limiter {
	return &Limiter{limit: limit, most: max(most, 1), by: map[string]*list.Element{}, order: list.New()}
}

// Limit is how often each key may pass.
func (l *Limiter) Limit() Limit { return l.limit }

// Allow counts one request of the key at now. Zero means that it may pass; otherwise nothing was counted, and it may
// pass after wait if none of the key passes before.
func (l *Limiter) Allow(key string, now time.Time) (wait time.Duration) {
	_, wait = l.Take(key, now)
	return wait
}

// Take is Allow that also says how many more may pass at now.
func (l *Limiter) Take(key string, now time.Time) (left int, wait time.Duration) {
	if l.limit.Every <= 0 {
		return l.limit.burst(), 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.bucket(key)
	if bucket.AllowN(now, 1) {
		return int(bucket.TokensAt(now)), 0
	}
	missing := 1 - bucket.TokensAt(now)
	return 0, max(1, time.Duration(math.Ceil(missing*float64(l.limit.Every))))
}

// Return gives back what Allow has counted for the key.
func (l *Limiter) Return(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limit.Every > 0 {
		l.bucket(key).AllowN(now, -1) // above the burst nothing is kept
	}
}

// bucket finds a key's bucket, or makes one in the place of the key that has not asked for longest.
func (l *Limiter) bucket(key string) *rate.Limiter {
	if known := l.by[key]; known != nil {
		l.order.MoveToFront(known)
		return known.Value.(*entry).bucket
	}
	if len(l.by) >= l.most {
		oldest := l.order.Back()
		delete(l.by, l.order.Remove(oldest).(*entry).key)
	}
	e := &entry{key, rate.NewLimiter(l.limit.rate(), l.limit.burst())}
	l.by[key] = l.order.PushFront(e)
	return e.bucket
}
