package booking

import (
	"container/list"
	"time"

	"github.com/google/uuid"

	"kindward/internal/events"
)

// Apply changes what is kept after events. An event that says no range, and one of a kind that is not known here,
// forgets what it names, to be read again.
func (b *BusyCache) Apply(all []events.Event) {
	whole := false
	defer func() {
		if !whole { // a panic: what was not applied is lost
			b.ForgetAll()
		}
	}()
	for _, e := range all {
		b.apply(e)
	}
	whole = true
}

func (b *BusyCache) apply(e events.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stats.Applied++
	if !b.clock.said.IsZero() {
		b.stats.Late = max(0, b.clock.at(b.now()).Sub(e.At))
		b.stats.MostLate = max(b.stats.MostLate, b.stats.Late)
	}
	if !concernsBusy(e.Kind) {
		return
	}
	f, err := e.Fields()
	facts, known := factsOf(e, f)
	if err == nil && known {
		for _, one := range facts {
			b.note(one.of, one.claimFact)
		}
		return
	}
	if err != nil || f.Resource == uuid.Nil && f.From == uuid.Nil {
		b.forgetTenant(e.Tenant)
		return
	}
	b.forget(resourceOf{e.Tenant, f.Resource})
	b.forget(resourceOf{e.Tenant, f.From})
}

// concernsBusy tells whether an event may take or free time. A kind of a newer release that runs beside this one may.
func concernsBusy(kind events.Kind) bool {
	switch kind {
	case events.ListingsPublished, events.AppointmentMarked, events.EmailQueued, events.AccountChanged,
		events.ImportStarted:
		return false
	}
	return true
}

type factOf struct {
	of resourceOf
	claimFact
}

// factsOf says what an event did to claims, if it says it.
func factsOf(e events.Event, f events.Fields) (facts []factOf, known bool) {
	of := resourceOf{e.Tenant, f.Resource}
	taken := claimFact{xid: e.XID, id: f.Claim, span: Range{f.Start.Unix(), f.End.Unix()}, until: forever}
	gone := claimFact{xid: e.XID, id: f.Claim, gone: true}
	named := f.Resource != uuid.Nil && f.Claim != uuid.Nil
	ranged := named && !f.Start.IsZero() && f.Start.Before(f.End)
	switch e.Kind {
	case events.AppointmentHeld, events.AppointmentExtended:
		taken.until = f.Until.UnixMicro()
		return []factOf{{of, taken}}, ranged && !f.Until.IsZero()
	case events.AppointmentBooked:
		return []factOf{{of, taken}}, ranged
	case events.AppointmentReleased, events.AppointmentCancelled:
		return []factOf{{of, gone}}, named
	case events.AppointmentMoved:
		gone.id = f.FromClaim
		return []factOf{{resourceOf{e.Tenant, f.From}, gone}, {of, taken}},
			ranged && f.From != uuid.Nil && f.FromClaim != uuid.Nil
	}
	return nil, false
}

// note changes one resource's claims. For whoever holds the lock, as are those below.
func (b *BusyCache) note(key resourceOf, f claimFact) {
	if load := b.loads[key]; load != nil {
		load.facts = append(load.facts, f)
	}
	e, ok := b.kept[key]
	if !ok {
		return
	}
	kept := e.Value.(*keptClaims)
	after := kept.claims.with(f)
	if len(after.gone) > mostGone {
		b.forget(key)
		return
	}
	b.stats.Bytes += after.bytes() - kept.claims.bytes()
	kept.claims = after
}

func (b *BusyCache) forget(key resourceOf) {
	delete(b.loads, key)
	if e, ok := b.kept[key]; ok {
		b.drop(e)
		b.stats.Forgotten++
	}
}

func (b *BusyCache) forgetTenant(tenant uuid.UUID) {
	for key := range b.loads {
		if key.tenant == tenant {
			b.forget(key)
		}
	}
	for key := range b.kept {
		if key.tenant == tenant {
			b.forget(key)
		}
	}
}

func (b *BusyCache) drop(e *list.Element) {
	kept := b.order.Remove(e).(*keptClaims)
	delete(b.kept, kept.key)
	b.stats.Bytes -= kept.claims.bytes()
}

// Forget lets go what is known of some resources. A process says so about what it has changed itself, after the commit
// and before it answers: whoever asks from then on finds it.
func (b *BusyCache) Forget(tenant uuid.UUID, resources ...uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range resources {
		b.forget(resourceOf{tenant, id})
	}
}

// ForgetTenant lets go what is known of all of an organization's resources.
func (b *BusyCache) ForgetTenant(tenant uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgetTenant(tenant)
}

// ForgetAll lets everything go: something may have happened that nobody told.
func (b *BusyCache) ForgetAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stats.Forgotten += int64(len(b.kept))
	b.empty()
}

// UpToDate says that Apply was given everything that was committed before asOf.
func (b *BusyCache) UpToDate(asOf time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if asOf.After(b.upTo) {
		b.upTo = asOf
	}
}
