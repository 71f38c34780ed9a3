package document

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/storage"
)

// Orphan is how long an object may lie in the store without a row: longer than any request that writes one.
const Orphan = time.Hour

const sweptAtOnce = 500

// Sweep deletes objects that no document refers to any more, or never did.
func (s *Scans) Sweep(ctx context.Context) error {
	var some []storage.Object
	err := s.Store.List(ctx, "", func(o storage.Object) error {
		if s.Now().Sub(o.At) < Orphan {
			return nil
		}
		if some = append(some, o); len(some) < sweptAtOnce {
			return nil
		}
		batch := some
		some = nil
		return s.sweep(ctx, batch)
	})
	if err != nil {
		return err
	}
	return s.sweep(ctx, some)
}

func (s *Scans) sweep(ctx context.Context, objects []storage.Object) error {
	ids := make([]uuid.UUID, len(objects))
	for i, o := range objects {
		_, name, _ := strings.Cut(strings.TrimPrefix(o.Key, prefix), "/")
		ids[i], _ = uuid.Parse(name)
	}
	rows, err := s.Due.DocumentsHeld(ctx, ids)
	if err != nil {
		return err
	}
	held := map[uuid.UUID]bool{}
	for _, id := range rows {
		held[id] = true
	}
	for i, o := range objects {
		if held[ids[i]] || ids[i] == uuid.Nil && !storage.Unfinished(o.Key) {
			continue // what is not ours stays
		}
		if err := s.Store.Delete(ctx, o.Key); err != nil {
			return err
		}
	}
	return nil
}
