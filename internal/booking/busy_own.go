package booking

import (
	"container/list"
	"slices"
	"time"

	"github.com/google/uuid"
)

// What a process has written itself it tells its own cache after the commit and before it answers: exactly, where that
// is known and cheap, else by forgetting. The event that comes afterward changes nothing any more.

// BusyMark is a moment in the life of a BusyCache.
type BusyMark struct{ readings uint64 }

// Mark is to be taken before something is written that Took tells.
func (b *BusyCache) Mark() BusyMark {
	b.mu.Lock()
	defer b.mu.Unlock()
	return BusyMark{b.readings}
}

// Took adds a hold that was placed after the mark. A reading that began after it may have seen the hold and its end:
// that is forgotten.
func (b *BusyCache) Took(since BusyMark, tenant uuid.UUID, h Held) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := resourceOf{tenant, h.Claim.Resource}
	load, e := b.loads[key], b.kept[key]
	if load != nil && load.begun > since.readings || e != nil && claimsIn(e).begun > since.readings {
		b.forget(key)
		return
	}
	b.note(key, claimFact{xid: unseen, id: h.Claim.ID, span: Range{h.Claim.Start.Unix(), h.Claim.End.Unix()},
		until: h.Until.UnixMicro()})
}

// Prolonged puts off the end of a claim that is kept: until is when it ends now, zero for a booking. Where the claim is
// not known, the resource is forgotten.
func (b *BusyCache) Prolonged(tenant uuid.UUID, c Claim, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := resourceOf{tenant, c.Resource}
	delete(b.loads, key)
	e := b.kept[key]
	if e == nil {
		return
	}
	at := slices.Index(claimsIn(e).ids, c.ID)
	if at < 0 {
		b.forget(key)
		return
	}
	f := claimFact{xid: unseen, id: c.ID, span: claimsIn(e).ranges[at], until: forever}
	if !until.IsZero() {
		f.until = until.UnixMicro()
	}
	b.note(key, f)
}

// held counts the holds of an offer's resources that live and begin in a span, as far as they are known: a resource
// that nobody has asked for has none.
func (b *BusyCache) held(o Offering, span Range) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	alive := b.clock.at(b.now()).UnixMicro()
	for _, id := range o.Resources {
		e := b.kept[resourceOf{o.Tenant, id}]
		if e == nil {
			continue
		}
		c := claimsIn(e)
		for i, r := range c.ranges {
			if c.untils[i] != forever && c.untils[i] > alive && r.Start >= span.Start && r.Start < span.End {
				n++
			}
		}
	}
	return n
}

func claimsIn(e *list.Element) *busyClaims { return e.Value.(*keptClaims).claims }
