package search

import (
	"iter"
	"maps"

	"github.com/google/uuid"
)

// idParts is how many maps an idMap consists of: with 100,000 ids a part has about a hundred.
const idParts = 1024

// idMap is a map by id of which a changed copy costs as much as its changes touch. Whoever makes one with newIDMap or
// fork may set; once it has been shown to others nobody may.
type idMap[V any] struct {
	parts [idParts]map[uuid.UUID]V
	own   [idParts]bool // parts that nobody else has
	size  int
}

func newIDMap[V any]() *idMap[V] { return new(idMap[V]) }

// fork is a copy that may be changed; the two share what neither changes.
func (m *idMap[V]) fork() *idMap[V] { return &idMap[V]{parts: m.parts, size: m.size} }

// idPart looks at the end of an id: its beginning is a time.
func idPart(id uuid.UUID) int { return (int(id[14])<<8 | int(id[15])) % idParts }

func (m *idMap[V]) get(id uuid.UUID) (V, bool) {
	v, ok := m.parts[idPart(id)][id]
	return v, ok
}

func (m *idMap[V]) set(id uuid.UUID, v V) {
	part := m.owned(id)
	if _, known := part[id]; !known {
		m.size++
	}
	part[id] = v
}

func (m *idMap[V]) remove(id uuid.UUID) {
	if _, known := m.get(id); known {
		delete(m.owned(id), id)
		m.size--
	}
}

func (m *idMap[V]) owned(id uuid.UUID) map[uuid.UUID]V {
	p := idPart(id)
	if !m.own[p] {
		m.own[p] = true
		if m.parts[p] = maps.Clone(m.parts[p]); m.parts[p] == nil {
			m.parts[p] = map[uuid.UUID]V{}
		}
	}
	return m.parts[p]
}

// all goes through everything, in no order.
func (m *idMap[V]) all() iter.Seq2[uuid.UUID, V] {
	return func(yield func(uuid.UUID, V) bool) {
		for _, part := range m.parts {
			for id, v := range part {
				if !yield(id, v) {
					return
				}
			}
		}
	}
}
