package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
)

// ErrUnsealed means that there is no such event under a checkpoint: it does not exist, or is younger than a second or
// two.
var ErrUnsealed = errors.New("no such event under a checkpoint yet")

// Proof shows that one event stands in the log, to whoever has the public key.
type Proof struct {
	Leaf       int64           `json:"leaf"`
	Event      json.RawMessage `json:"event"` // canonical
	Path       []tlog.Hash     `json:"path"`
	Checkpoint string          `json:"checkpoint"`
}

// Prove makes the proof of one event under the newest checkpoint.
func Prove(ctx context.Context, q *relaydb.Queries, id uuid.UUID) (p Proof, err error) {
	row, err := q.EventByID(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, ErrUnsealed
	}
	if err != nil {
		return p, err
	}
	leaf, err := q.LeafOfEvent(ctx, row.Seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, ErrUnsealed
	}
	if err != nil {
		return p, err
	}
	p.Leaf, p.Checkpoint = leaf.Number, leaf.Note
	p.Event = EventOf(row).Canonical()
	p.Path, err = tlog.ProveRecord(leaf.Size, p.Leaf, nodes{ctx, q})
	return p, err
}

// Check verifies a proof with the public key alone.
func (p Proof) Check(v Verifier) error {
	signed, err := v.Open(p.Checkpoint)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(p.Path, signed.Size, signed.Root, p.Leaf, tlog.RecordHash(p.Event)); err != nil {
		return fmt.Errorf("the event is not the one that was sealed at leaf %d: %w", p.Leaf, err)
	}
	return nil
}
