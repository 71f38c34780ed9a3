package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
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
	Browser Browser // that asks; the zero value is one that was never here
	Log     *slog.Logger
}

// AttemptLimit is how many attempts there are in each window of time.
type AttemptLimit struct {
	Name     string
	Attempts int
	Window   time.Duration
	Windows  Windows
}

// Windows are how the windows of a limit follow each other: in how many steps one is counted, the one that has only
// begun included.
type Windows int

const (
	// Rolling windows end when nothing was let through for as long as one lasts: no more attempts than the limit's fit
	// into any stretch of that length. For guesses at a code, and not for what many people share: together they never
	// rest.
	Rolling Windows = 0
	// Sliding windows forget a sixth of themselves at a time: no more attempts than the limit's fit into any stretch
	// of that length, and at the latest a sixth later there are others. For what many people share.
	Sliding Windows = 7
)

// step is how long each of the steps is in which a window is counted.
func (l AttemptLimit) step() time.Duration { return l.Window / time.Duration(max(1, l.Windows-1)) }

// window is when the step or the window begins that an attempt counts in, and since when one that runs may have begun.
func (l AttemptLimit) window(now time.Time) (starts, since time.Time) {
	if l.Windows == Rolling {
		return now, now.Add(-l.Window)
	}
	return now.Truncate(l.step()), time.Time{}
}

// wait is how long it takes at least until there is room again: until the last window ends, or the oldest of the steps
// in which something was counted.
func (l AttemptLimit) wait(row shareddb.CountAttemptRow, now time.Time) time.Duration {
	if l.Windows == Rolling {
		return max(row.WindowStart.Add(l.Window).Sub(now), time.Second)
	}
	for place, n := range slices.Backward(row.Counts) {
		if n > 0 {
			steps := time.Duration(int(l.Windows) - place)
			return max(row.WindowStart.Add(steps*l.step()).Sub(now), time.Second)
		}
	}
	return time.Second
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
	counted []countedAttempt
}

// countedAttempt is one that was counted under a key, in the step that began at starts.
type countedAttempt struct {
	key         string
	starts      time.Time
	stepSeconds float64
}

// Reserve counts one attempt under each key in turn, before anything is tried, and refuses with a *TooManyError at the
// first that is used up: those after it are not counted. Keys go from narrow to wide, so that what one asker does too
// often does not count against what others share (A43). Where a wide one is used up already, the narrow ones are not
// counted either: a network that may try nothing more leaves no row for each new address that it names (A46).
func (r AttemptLimiter) Reserve(ctx context.Context, narrowFirst ...AttemptKey) (Reservation, error) {
	reserved := Reservation{limiter: r}
	if err := r.requireRoom(ctx, narrowFirst[min(1, len(narrowFirst)):]); err != nil {
		return reserved, err
	}
	for _, k := range narrowFirst {
		if err := reserved.count(ctx, k); err != nil {
			return reserved, err
		}
	}
	return reserved, nil
}

// requireRoom refuses if one of the keys is used up as it stands. Whether it still has room when it is counted, the
// count says.
func (r AttemptLimiter) requireRoom(ctx context.Context, keys []AttemptKey) error {
	if len(keys) == 0 {
		return nil
	}
	now, byHash := r.Now(), map[string]AttemptKey{}
	var hashes []string
	for _, k := range keys {
		hash := r.hash(k)
		byHash[hash], hashes = k, append(hashes, hash)
	}
	rows, err := r.Gateway.Anonymous().AttemptCounts(ctx, hashes)
	for _, row := range rows {
		k := byHash[row.Key]
		if counted := k.standing(row, now); int(counted.Hits) >= k.Attempts {
			return &TooManyError{After: k.wait(counted, now)}
		}
	}
	return err
}

// standing is what of a count still counts at now.
func (l AttemptLimit) standing(row shareddb.AttemptCountsRow, now time.Time) shareddb.CountAttemptRow {
	is := shareddb.CountAttemptRow{Hits: row.Hits, WindowStart: row.WindowStart}
	starts, since := l.window(now)
	if l.Windows == Rolling {
		if row.WindowStart.Before(since) {
			is.Hits = 0
		}
		return is
	}
	over := max(0, int(starts.Sub(row.WindowStart)/l.step()))
	is.Counts, is.Hits = row.Counts[:min(len(row.Counts), max(0, int(l.Windows)-over))], 0
	for _, n := range is.Counts {
		is.Hits += n
	}
	return is
}

func (r *Reservation) count(ctx context.Context, k AttemptKey) error {
	now, hash := r.limiter.Now(), r.limiter.hash(k)
	starts, since := k.window(now)
	step := k.step().Seconds()
	row, err := r.limiter.Gateway.Anonymous().CountAttempt(ctx, shareddb.CountAttemptParams{Key: hash, Starts: starts,
		Since: since, Attempts: int32(k.Attempts), Parts: int32(k.Windows), StepSeconds: step})
	if err != nil {
		return err
	}
	if int(row.Hits) > k.Attempts {
		return &TooManyError{After: k.wait(row, now)}
	}
	r.counted = append(r.counted, countedAttempt{hash, starts, step})
	return nil
}

// Good takes the attempt back. What it was for is done and stays so: failing to take it back is logged, and what is
// counted too much goes with its window.
func (r Reservation) Good(ctx context.Context) {
	if err := r.Cancel(ctx); err != nil {
		r.limiter.Log.WarnContext(ctx, "identity: a good attempt stays counted", "error", err)
	}
}

// Cancel takes the attempt back: it is none of those to be counted.
func (r Reservation) Cancel(ctx context.Context) (failed error) {
	for _, c := range r.counted {
		failed = errors.Join(failed, r.limiter.Gateway.Anonymous().UncountAttempt(ctx, c.starts, c.stepSeconds, c.key))
	}
	return failed
}

func (r AttemptLimiter) hash(k AttemptKey) string {
	mac := hmac.New(sha256.New, r.Keys.Current().Derive("throttle", 32))
	fmt.Fprintf(mac, "%q %q", k.Name, k.of)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// siteOf is the part of IPv6 that somebody with many ranges has, a /48, or "": IPv4 has none.
func siteOf(ip netip.Addr) string {
	if ip = ip.Unmap(); !ip.Is6() {
		return ""
	}
	prefix, _ := ip.WithZone("").Prefix(48)
	return prefix.String()
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
