package booking

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/queries/shareddb"
)

const (
	// busyLateness is how late a BusyCache may be. Later than that it asks the database and keeps what it has for when
	// it is up to date again. Normally it is some tens of milliseconds late: the time an event takes.
	busyLateness = 2 * time.Second
	// busyLife is how long claims are kept without being read again. It bounds how long ago what is over can have ended.
	busyLife = time.Hour
	// busyBytes is how much memory a BusyCache takes where nothing else is said: about 5,000 people's next months.
	busyBytes = 64 << 20
	// mostGone is how many claims of a resource may go before they are read again.
	mostGone = 64
)

// BusyCache keeps in memory what is taken: per resource a list of its claims that is read when it is first asked for
// and kept current by events. What this process itself has changed is forgotten before the answer goes out (Forget).
// What is shown comes from here; who gets a time is decided by the database. As long as nobody says that the events are
// heard (UpToDate) it keeps nothing and asks the database. Safe for concurrent use.
type BusyCache struct {
	queries *shareddb.Queries
	most    int64
	now     func() time.Time

	mu       sync.Mutex
	kept     map[resourceOf]*list.Element // of *keptClaims
	order    *list.List                   // the one used last in front
	loads    map[resourceOf]*busyLoad
	readings uint64    // how many were begun
	upTo     time.Time // everything committed before is known here
	clock    databaseClock
	suspects map[resourceOf]suspect
	stats    BusyStats
}

// resourceOf is a resource of an organization: only the organization itself can say that its people are taken.
type resourceOf struct{ tenant, id uuid.UUID }

type keptClaims struct {
	key    resourceOf
	claims *busyClaims
}

// databaseClock tells the database's time between two answers of it: a little late, never early, so that a hold is not
// free before it has ended.
type databaseClock struct{ said, heard time.Time }

func (c databaseClock) at(now time.Time) time.Time { return c.said.Add(now.Sub(c.heard)) }

// BusyStats are the figures of a BusyCache since it began.
type BusyStats struct {
	Hits, Misses int64 // resources asked for
	Bypassed     int64 // resources read from the database because the cache was not up to date
	Evictions    int64 // resources that had to go for others
	Forgotten    int64 // resources that were read again because of what happened
	Compared     int64 // resources compared with the database
	Differences  int64 // of these, how many differed and no event explains it
	Applied      int64 // events
	Late         time.Duration
	MostLate     time.Duration
	Resources    int
	Bytes        int64
}

// NewBusyCache keeps at most so many bytes, 0 for the usual. now is this machine's clock, which measures how late the
// cache is; nil is the usual.
func NewBusyCache(q *shareddb.Queries, most int64, now func() time.Time) *BusyCache {
	if most == 0 {
		most = busyBytes
	}
	if now == nil {
		now = time.Now
	}
	b := &BusyCache{queries: q, most: most, now: now}
	b.empty()
	return b
}

func (b *BusyCache) empty() {
	b.kept, b.order, b.loads = map[resourceOf]*list.Element{}, list.New(), map[resourceOf]*busyLoad{}
	b.suspects, b.stats.Bytes = map[resourceOf]suspect{}, 0
}

// Stats are the figures of this moment.
func (b *BusyCache) Stats() BusyStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Resources = len(b.kept)
	return s
}

// Calendar is what is taken of the offers' resources on the days from..to, with their buffers, and at the earliest a
// day before now. One query at most, however many offers.
func (b *BusyCache) Calendar(ctx context.Context, offers []Offering, from, to civil.Date, now time.Time) (Calendar,
	error) {
	span, keys := wanted(offers, from, to, now)
	c := make(Calendar, len(keys))
	if len(keys) == 0 {
		return c, nil
	}
	missing, upToDate := b.hits(c, keys, span)
	if !upToDate {
		return c, b.ask(ctx, c, keys, span)
	}
	if len(missing) == 0 {
		return c, nil
	}
	return c, b.miss(ctx, c, missing, span, now.Unix()-daySeconds)
}

// wanted are the resources of some offers and the span that reaches over all their days. What is over for more than a
// day touches no time that is still to come.
func wanted(offers []Offering, from, to civil.Date, now time.Time) (span Range, keys []resourceOf) {
	seen := make(map[resourceOf]struct{}, len(offers))
	for i, o := range offers {
		s := o.Schedule.Span(from, to)
		if i == 0 {
			span = s
		}
		span.Start, span.End = min(span.Start, s.Start), max(span.End, s.End)
		for _, id := range o.Resources {
			key := resourceOf{o.Tenant, id}
			if _, again := seen[key]; !again {
				seen[key] = struct{}{}
				keys = append(keys, key)
			}
		}
	}
	span.Start = max(span.Start, now.Unix()-daySeconds)
	span.End = max(span.End, span.Start)
	return span, keys
}

// hits puts into c what is known, and gives what is not.
func (b *BusyCache) hits(c Calendar, keys []resourceOf, span Range) (missing []resourceOf, upToDate bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.upTo.IsZero() || now.Sub(b.upTo) > busyLateness {
		b.stats.Bypassed += int64(len(keys))
		return nil, false
	}
	alive := b.clock.at(now)
	for _, key := range keys {
		e, ok := b.kept[key]
		if ok {
			claims := claimsIn(e)
			if ok = claims.since <= span.Start && now.Sub(claims.readAt) < busyLife; ok {
				b.order.MoveToFront(e)
				c[key] = claims.within(span, alive)
			}
		}
		if !ok {
			missing = append(missing, key)
		}
	}
	b.stats.Hits += int64(len(keys) - len(missing))
	b.stats.Misses += int64(len(missing))
	return missing, true
}

// ask reads from the database and keeps nothing.
func (b *BusyCache) ask(ctx context.Context, c Calendar, keys []resourceOf, span Range) error {
	ids := make([]uuid.UUID, len(keys))
	asked := make(map[resourceOf]struct{}, len(keys))
	for i, key := range keys {
		ids[i], asked[key] = key.id, struct{}{}
	}
	rows, err := b.queries.BusyRanges(ctx, ids, time.Unix(span.End, 0), time.Unix(span.Start, 0))
	if err != nil {
		return err
	}
	for _, r := range rows {
		key := resourceOf{r.TenantID, r.ResourceID}
		if _, ok := asked[key]; !ok {
			continue // another organization says something about them
		}
		ranges := make([]Range, len(r.Starts))
		for i := range ranges {
			ranges[i] = Range{r.Starts[i], r.Ends[i]}
		}
		c[key] = ranges
	}
	return nil
}
