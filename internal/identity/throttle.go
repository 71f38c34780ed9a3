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
)

// Throttle counts tries in the database, so that all processes count together. Keys are kept as a keyed hash only.
type Throttle struct {
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	Now     func() time.Time
}

// Budget is how many tries there are in each window of time.
type Budget struct {
	Name   string
	Tries  int
	Window time.Duration
}

// For is the budget spent on one thing: an address, a range, both.
func (b Budget) For(what ...string) Spending { return Spending{b, strings.Join(what, "\x00")} }

// Spending is a Budget with what it is spent on.
type Spending struct {
	Budget
	on string
}

// TooManyError says when to try again.
type TooManyError struct{ After time.Duration }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many tries, again in %s", e.After.Round(time.Second))
}

// Counted is a try that was counted and may be taken back.
type Counted struct {
	throttle Throttle
	keys     []string
}

// Try counts one on every spending, before anything is tried, and refuses with a *TooManyError if one of them is used up.
func (t Throttle) Try(ctx context.Context, all ...Spending) (Counted, error) {
	now := t.Now()
	byKey := map[string]Spending{}
	counted := Counted{throttle: t}
	for _, s := range all {
		key := t.key(s)
		byKey[key] = s
		counted.keys = append(counted.keys, key)
	}
	slices.Sort(counted.keys)
	starts := make([]time.Time, len(counted.keys))
	for i, key := range counted.keys {
		starts[i] = now.Truncate(byKey[key].Window)
	}
	rows, err := t.Gateway.Public().CountTries(ctx, counted.keys, starts)
	if err != nil {
		return counted, err
	}
	var wait time.Duration
	for _, row := range rows {
		if s := byKey[row.Key]; int(row.Hits) > s.Tries {
			wait = max(wait, now.Truncate(s.Window).Add(s.Window).Sub(now))
		}
	}
	if wait > 0 {
		return counted, &TooManyError{After: wait}
	}
	return counted, nil
}

// Forgive takes the try back: it was a good one.
func (c Counted) Forgive(ctx context.Context) error {
	return c.throttle.Gateway.Public().ForgiveTries(ctx, c.keys)
}

func (t Throttle) key(s Spending) string {
	mac := hmac.New(sha256.New, t.Keys.Current().Derive("throttle", 32))
	fmt.Fprintf(mac, "%q %q", s.Name, s.on)
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
