package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"kindward/internal/keys"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// AttemptLimiter counts attempts in the database, so that all processes count together; what one process limits by
// itself is internal/ratelimit. What is counted is kept as a keyed hash only. Each count is a transaction of its own:
// an attempt that fails stays counted.
type AttemptLimiter struct {
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	Now     func() time.Time
}

// AttemptLimit is how many attempts there are in each window of time.
type AttemptLimit struct {
	Name     string
	Attempts int
	Window   time.Duration
	Windows  Windows
}

// Windows are how the windows of a limit follow each other.
type Windows bool

const (
	// Fixed windows are those of the clock. Twice as many attempts fit where two of them meet.
	Fixed Windows = false
	// Rolling windows end when nothing was let through for as long as one lasts: no more attempts than the limit's fit
	// into any stretch of that length. For guesses at a code, and not for what many people share: together they never
	// rest.
	Rolling Windows = true
)

// window is when the one began that an attempt counts in, and since when one that runs may have begun.
func (l AttemptLimit) window(now time.Time) (starts, since time.Time) {
	if l.Windows == Rolling {
		return now, now.Add(-l.Window)
	}
	return now.Truncate(l.Window), now.Truncate(l.Window)
}

// For is the limit of one thing: an address, a range, both.
func (l AttemptLimit) For(what ...string) AttemptKey {
	return AttemptKey{l, strings.Join(what, "\x00")}
}

// AttemptKey is an AttemptLimit with what it counts for.
type AttemptKey struct {
	AttemptLimit
	of string
}

// TooManyError says when to try again.
type TooManyError struct{ After time.Duration }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many tries, again in %s", e.After.Round(time.Second))
}

// Reservation is an attempt that was counted and may be taken back.
type Reservation struct {
	limiter AttemptLimiter
	keys    []string
}

// Reserve counts one attempt under every key, before anything is tried, and refuses with a *TooManyError if one of
// them is used up.
func (r AttemptLimiter) Reserve(ctx context.Context, all ...AttemptKey) (Reservation, error) {
	now := r.Now()
	byKey := map[string]AttemptKey{}
	reserved := Reservation{limiter: r}
	for _, k := range all {
		hash := r.hash(k)
		byKey[hash] = k
		reserved.keys = append(reserved.keys, hash)
	}
	slices.Sort(reserved.keys)
	counting := shareddb.CountAttemptsParams{Keys: reserved.keys}
	for _, key := range reserved.keys {
		starts, since := byKey[key].window(now)
		counting.Starts, counting.Since = append(counting.Starts, starts), append(counting.Since, since)
		counting.Attempts = append(counting.Attempts, int32(byKey[key].Attempts))
	}
	rows, err := r.Gateway.Public().CountAttempts(ctx, counting)
	if err != nil {
		return reserved, err
	}
	var wait time.Duration
	for _, row := range rows {
		if k := byKey[row.Key]; int(row.Hits) > k.Attempts {
			wait = max(wait, row.WindowStart.Add(k.Window).Sub(now), time.Second)
		}
	}
	if wait > 0 {
		return reserved, &TooManyError{After: wait}
	}
	return reserved, nil
}

// Cancel takes the attempt back: it was a good one.
func (r Reservation) Cancel(ctx context.Context) error {
	return r.limiter.Gateway.Public().UncountAttempts(ctx, r.keys)
}

func (r AttemptLimiter) hash(k AttemptKey) string {
	mac := hmac.New(sha256.New, r.Keys.Current().Derive("throttle", 32))
	fmt.Fprintf(mac, "%q %q", k.Name, k.of)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Range is the network that counts as one asker: 256 addresses of IPv4, a household's share of IPv6.
func Range(ip netip.Addr) string {
	if !ip.IsValid() {
		return "unknown"
	}
	ip = ip.Unmap()
	bits := 56
	if ip.Is4() {
		bits = 24
	}
	prefix, _ := ip.WithZone("").Prefix(bits) // both lengths fit their kind
	return prefix.String()
}
