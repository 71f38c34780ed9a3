package document

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/storage"
)

// Orphan is how long an object may lie in the store without a row: longer than any request that writes one.
const Orphan = time.Hour

const sweptAtOnce = 500

// Sweep deletes uploads that have ended, and objects that no document or upload refers to any more, or never did.
func (s *Scans) Sweep(ctx context.Context) error {
	if err := s.Due.SweepUploads(ctx, s.Now()); err != nil {
		return err
	}
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
		ids[i] = owner(o.Key)
	}
	documents, err := s.Due.DocumentsHeld(ctx, ids)
	if err != nil {
		return err
	}
	arriving, err := s.Due.UploadsHeld(ctx, ids, s.Now())
	if err != nil {
		return err
	}
	for i, o := range objects {
		held := documents
		if strings.HasPrefix(o.Key, uploads) {
			held = arriving
		}
		if slices.Contains(held, ids[i]) || ids[i] == uuid.Nil && !storage.Unfinished(o.Key) {
			continue // what is not ours stays
		}
		if err := s.Store.Delete(ctx, o.Key); err != nil {
			return err
		}
	}
	return nil
}

// owner is the id of the document, or of the upload, whose object has a key.
func owner(key string) uuid.UUID {
	parts := strings.Split(key, "/")
	if len(parts) < 3 || parts[0]+"/" != prefix && parts[0]+"/" != uploads {
		return uuid.Nil
	}
	id, _ := uuid.Parse(parts[2])
	return id
}
