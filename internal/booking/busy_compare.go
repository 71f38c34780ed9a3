package booking

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// suspect is what differed from the database when it was read. It is wrong if no event has changed it by the time that
// everything committed before that reading is known.
type suspect struct {
	claims *busyClaims
	readAt time.Time
}

// Difference is a resource of which something else was kept than the database knows.
type Difference struct{ Tenant, Resource uuid.UUID }

// compareEvery is how often Compare is meant to be called, comparedShare which part of the resources it looks at.
const (
	compareEvery  = 5 * time.Second
	comparedShare = 100 * int(time.Minute/compareEvery)
)

// Compare looks whether what is kept is what the database knows: of about one percent of the resources a minute, when
// it is called every five seconds, and of one at least. It gives those that were found to differ the time before, and
// that no event has explained since; they are forgotten.
func (b *BusyCache) Compare(ctx context.Context) ([]Difference, error) {
	differing, some := b.judge()
	if len(some) == 0 {
		return differing, nil
	}
	var keys []resourceOf
	since := int64(0)
	for key, claims := range some {
		keys = append(keys, key)
		since = max(since, claims.since)
	}
	rows, err := b.read(ctx, keys, since)
	if err != nil {
		return differing, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for _, row := range rows {
		key := resourceOf{row.TenantID, row.ResourceID}
		b.clock = databaseClock{row.ReadAt, now}
		b.stats.Compared++
		claims, err := claimsOf(row, since, now)
		if err == nil && !some[key].sameAs(claims, row.ReadAt) {
			b.suspects[key] = suspect{some[key], now}
		}
	}
	return differing, nil
}

// judge gives what has turned out to be wrong, and what is to be compared next.
func (b *BusyCache) judge() (differing []Difference, next map[resourceOf]*busyClaims) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, s := range b.suspects {
		if !b.upTo.After(s.readAt) {
			continue
		}
		delete(b.suspects, key)
		if e, ok := b.kept[key]; ok && claimsIn(e) == s.claims {
			b.forget(key)
			b.stats.Differences++
			differing = append(differing, Difference{key.tenant, key.id})
		}
	}
	next = map[resourceOf]*busyClaims{}
	for key, e := range b.kept { // in an order of its own each time
		if len(next) > len(b.kept)/comparedShare {
			break
		}
		next[key] = claimsIn(e)
	}
	return differing, next
}

// sameAs tells whether both are the same claims, as far as both reach back, at an instant of the database's clock.
func (c *busyClaims) sameAs(other *busyClaims, at time.Time) bool {
	return slices.Equal(c.living(other.since, at), other.living(other.since, at))
}

type livingClaim struct {
	id    uuid.UUID
	span  Range
	until int64
}

func (c *busyClaims) living(since int64, at time.Time) (all []livingClaim) {
	for i, r := range c.ranges {
		if r.End > since && r.Start > since-daySeconds && c.untils[i] > at.UnixMicro() {
			all = append(all, livingClaim{c.ids[i], r, c.untils[i]})
		}
	}
	return all
}
