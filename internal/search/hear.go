package search

import (
	"context"
	"sync"

	"kindward/internal/events"
)

// heard are events that wait for their listings to be refreshed. What is taken does not wait with them: publishing can
// take seconds.
type heard struct {
	mu    sync.Mutex
	all   []events.Event
	there chan struct{} // holds one word while some wait
}

// Hear knows from then on what the events took and freed, and keeps them for ApplyHeard.
func (m *Market) Hear(all []events.Event) {
	m.busy.Apply(all)
	m.heard.mu.Lock()
	m.heard.all = append(m.heard.all, all...)
	m.heard.mu.Unlock()
	select {
	case m.heard.there <- struct{}{}:
	default:
	}
}

// Heard tells when there is something for ApplyHeard.
func (m *Market) Heard() <-chan struct{} { return m.heard.there }

// ApplyHeard is Apply for all that was heard since the last time.
func (m *Market) ApplyHeard(ctx context.Context) error {
	m.heard.mu.Lock()
	all := m.heard.all
	m.heard.all = nil
	m.heard.mu.Unlock()
	return m.Apply(ctx, all)
}
