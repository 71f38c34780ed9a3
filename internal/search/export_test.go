package search

import (
	"log/slog"

	"github.com/google/uuid"

	"kindward/internal/booking"
)

// Poison gives a listing a schedule that nobody has read: to compute its times is a panic.
func (m *Market) Poison(id uuid.UUID) {
	m.change.Lock()
	defer m.change.Unlock()
	s := m.stock.Load().fork()
	e, _ := s.entries.get(id)
	e.offering.Schedule = new(booking.Schedule)
	s.entries.set(id, e)
	m.stock.Store(s)
}

// LogTo has the market say what it says somewhere else.
func (m *Market) LogTo(l *slog.Logger) { m.log = l }
