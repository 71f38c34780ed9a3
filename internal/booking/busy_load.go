package booking

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kindward/queries/shareddb"
)

// busyLoad is a resource that is being read. Events that come meanwhile wait for it; when it is forgotten meanwhile,
// whoever waits already gets what was read, and it is not kept.
type busyLoad struct {
	since  int64
	begun  uint64
	facts  []claimFact
	done   chan struct{}
	claims *busyClaims // when done; nil after a failure
}

// miss reads what is missing in one query and waits for what others are reading.
func (b *BusyCache) miss(ctx context.Context, c Calendar, missing []resourceOf, span Range, since int64) error {
	loads, own := b.begin(missing, since)
	if len(own) > 0 {
		if err := b.load(ctx, own, loads, since); err != nil {
			return err
		}
	}
	var again []resourceOf
	for _, key := range missing {
		load := loads[key]
		select {
		case <-load.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if load.claims == nil {
			again = append(again, key) // whoever read it failed, perhaps because their visitor has gone
			continue
		}
		b.mu.Lock()
		alive := b.clock.at(b.now())
		b.mu.Unlock()
		c[key] = load.claims.within(span, alive)
	}
	if len(again) > 0 {
		return b.ask(ctx, c, again, span)
	}
	return nil
}

// begin marks what is going to be read. own is what nobody reads yet.
func (b *BusyCache) begin(missing []resourceOf, since int64) (loads map[resourceOf]*busyLoad, own []resourceOf) {
	b.mu.Lock()
	defer b.mu.Unlock()
	loads = make(map[resourceOf]*busyLoad, len(missing))
	done := make(chan struct{})
	b.readings++
	for _, key := range missing {
		load := b.loads[key]
		if load == nil || load.since > since {
			load = &busyLoad{since: since, begun: b.readings, done: done}
			b.loads[key] = load
			own = append(own, key)
		}
		loads[key] = load
	}
	return loads, own
}

// load reads and keeps. Whatever happens, nobody waits for it afterward.
func (b *BusyCache) load(ctx context.Context, own []resourceOf, loads map[resourceOf]*busyLoad, since int64) error {
	var read []shareddb.BusyClaimsRow
	var failed error
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		defer close(loads[own[0]].done)
		b.install(read, loads, since)
		for _, key := range own {
			if b.loads[key] == loads[key] {
				delete(b.loads, key)
			}
		}
	}()
	read, failed = b.read(ctx, own, since)
	return failed
}

func (b *BusyCache) read(ctx context.Context, keys []resourceOf, since int64) ([]shareddb.BusyClaimsRow, error) {
	tenants, ids := make([]uuid.UUID, len(keys)), make([]uuid.UUID, len(keys))
	for i, key := range keys {
		tenants[i], ids[i] = key.tenant, key.id
	}
	return b.queries.BusyClaims(ctx, tenants, ids, time.Unix(since, 0))
}

// install keeps what was read, as it is after what was heard meanwhile. For whoever holds the lock.
func (b *BusyCache) install(rows []shareddb.BusyClaimsRow, loads map[resourceOf]*busyLoad, since int64) {
	now := b.now()
	for _, row := range rows {
		b.clock = databaseClock{row.ReadAt, now}
		key := resourceOf{row.TenantID, row.ResourceID}
		load := loads[key]
		claims, err := claimsOf(row, since, now)
		if err != nil {
			continue // nobody gets it: load.claims stays nil
		}
		claims.begun = load.begun
		for _, f := range load.facts {
			claims = claims.with(f)
		}
		load.claims = claims
		if b.loads[key] == load {
			b.keep(key, claims)
		}
	}
}

// keep puts claims in front and lets the ones go that were not used for longest. What would fill an eighth alone is not
// kept. For whoever holds the lock.
func (b *BusyCache) keep(key resourceOf, claims *busyClaims) {
	if e, ok := b.kept[key]; ok {
		b.drop(e)
	}
	if claims.bytes() > b.most/8 {
		return
	}
	b.kept[key] = b.order.PushFront(&keptClaims{key, claims})
	b.stats.Bytes += claims.bytes()
	for b.stats.Bytes > b.most {
		b.drop(b.order.Back())
		b.stats.Evictions++
	}
}
