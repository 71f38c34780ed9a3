package search

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"

	"kindward/internal/events"
)

// heard is what events made stale and ApplyHeard has not refreshed yet: no more than there are organizations and
// resources, however many events wait. What is taken does not wait with them: publishing can take seconds.
type heard struct {
	mu                       sync.Mutex
	organizations, resources map[uuid.UUID]bool
	failed                   error         // events that could not be read
	there                    chan struct{} // holds one word while something waits
}

func newHeard() heard {
	return heard{organizations: map[uuid.UUID]bool{}, resources: map[uuid.UUID]bool{}, there: make(chan struct{}, 1)}
}

// Hear keeps for ApplyHeard what the events made stale, and knows from then on what they took and freed.
func (m *Market) Hear(all []events.Event) {
	m.heard.add(all)
	m.busy.Apply(all)
}

func (h *heard) add(all []events.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range all {
		switch concerns(e.Kind) {
		case concernsListings:
			h.organizations[e.Tenant] = true
		case concernsTimes:
			f, err := e.Fields()
			if err != nil {
				h.failed = err
			}
			h.resources[f.Resource], h.resources[f.From] = true, true
		}
	}
	select {
	case h.there <- struct{}{}:
	default:
	}
}

func (h *heard) take() (organizations, resources []uuid.UUID, failed error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	organizations, resources = slices.Collect(maps.Keys(h.organizations)), slices.Collect(maps.Keys(h.resources))
	failed = h.failed
	clear(h.organizations)
	clear(h.resources)
	h.failed = nil
	return organizations, resources, failed
}

// Heard tells when there is something for ApplyHeard.
func (m *Market) Heard() <-chan struct{} { return m.heard.there }

// ApplyHeard refreshes what events have made stale since the last time; what happened to one resource at once is
// refreshed once. A panic is an error.
func (m *Market) ApplyHeard(ctx context.Context) error {
	return guarded(func() error { return m.applyHeard(ctx) })
}

func (m *Market) applyHeard(ctx context.Context) error {
	organizations, resources, failed := m.heard.take()
	_, notReloaded := m.reloadTenants(ctx, organizations)
	var listings []uuid.UUID
	for _, r := range resources {
		ids, _ := m.stock.Load().ofResource.get(r)
		listings = append(listings, ids...)
	}
	return errors.Join(failed, notReloaded, m.Refresh(ctx, listings))
}
