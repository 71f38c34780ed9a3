package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
)

// load finds where to go on, and refuses a tree that is not the one that was signed.
func (s *Sealer) load(ctx context.Context, q *relaydb.Queries) (*state, error) {
	verifier, err := NewVerifier(s.Key.Public)
	if err != nil {
		return nil, err
	}
	outside, err := s.Checkpoints.Last()
	if err != nil {
		return nil, err
	}
	known, err := epochOf(verifier, outside)
	if err != nil {
		return nil, err
	}
	all, err := q.Epochs(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range all { // the program ended before it wrote them down, or the log outside is a new one
		if int(e.Number) <= known {
			continue
		}
		outside = LoggedCheckpoint{At: e.At.UTC(), Size: e.Size, Note: e.Note}
		if err := s.Checkpoints.Append(outside); err != nil {
			return nil, err
		}
	}
	epoch := newest(all)
	if known > epoch.number {
		return nil, fmt.Errorf("%w: they know of epoch %d, the database of %d", ErrCut, known, epoch.number)
	}
	return s.loadEpoch(ctx, q, verifier, epoch, outside)
}

// loadEpoch is load where database and log outside are in the same epoch.
func (s *Sealer) loadEpoch(ctx context.Context, q *relaydb.Queries, v Verifier, epoch position,
	outside LoggedCheckpoint) (*state, error) {
	kept, err := q.SealingState(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		if outside.Size > 0 {
			return nil, fmt.Errorf("%w: %d events outside, none in the database", ErrCut, outside.Size)
		}
		return &state{epoch: epoch, seq: epoch.seq}, nil
	}
	if err != nil {
		return nil, err
	}
	root, err := asSigned(v, kept, epoch, outside)
	if err != nil {
		return nil, err
	}
	now := &state{edge: edge{size: kept.Size}, epoch: epoch, xid: kept.Xid, seq: kept.EventSeq}
	if kept.Size <= epoch.size { // of the epoch before: transactions of this server are counted anew
		now.xid, now.seq = 0, epoch.seq
	}
	tree := nodes{ctx, q}
	if now.edge, err = edgeWith(tree, kept.Size, root); err != nil {
		return nil, err
	}
	if err := grewFrom(v, tree, outside); err != nil {
		return nil, err
	}
	if outside.Size < kept.Size { // the process ended between commit and file, or another one sealed
		err = s.Checkpoints.Append(LoggedCheckpoint{At: kept.At.UTC(), Size: kept.Size, Note: kept.Note})
	}
	return now, err
}

// edgeWith reads the edge of the tree, which has to make a root.
func edgeWith(tree nodes, size int64, root tlog.Hash) (e edge, err error) {
	e = edge{size: size}
	if e.trees, err = tree.ReadHashes(edgeNumbers(size)); err != nil {
		return e, fmt.Errorf("%w: %w", ErrForked, err)
	}
	if e.root() != root {
		return e, fmt.Errorf("%w: the kept hashes do not make the root of %d", ErrForked, size)
	}
	return e, nil
}

// asSigned gives the root of the kept checkpoint if it says what was signed, and nothing was cut off since.
func asSigned(v Verifier, kept relaydb.SealingStateRow, epoch position, outside LoggedCheckpoint) (root tlog.Hash,
	err error) {
	if root, err = hashOf(kept.Root); err != nil {
		return root, err
	}
	switch signed, err := v.Open(kept.Note); {
	case err != nil:
		return root, err
	case kept.FromFuture && kept.Size > epoch.size:
		return root, ErrRestored
	case signed.Size != kept.Size || signed.Root != root || kept.Leaves != kept.Size,
		kept.Size > epoch.size && signed.Epoch != epoch.number:
		return root, fmt.Errorf("%w: %d signed, %d kept, %d leaves", ErrForked, signed.Size, kept.Size, kept.Leaves)
	case outside.Size > kept.Size:
		return root, fmt.Errorf("%w: %d events outside, %d in the database", ErrCut, outside.Size, kept.Size)
	}
	return root, nil
}

// grewFrom fails if the tree did not have the root that the last checkpoint outside was signed with.
func grewFrom(v Verifier, tree nodes, outside LoggedCheckpoint) error {
	if outside.Size == 0 {
		return nil
	}
	signed, err := v.Open(outside.Note)
	if err != nil {
		return fmt.Errorf("outside the database: %w", err)
	}
	if then, err := tlog.TreeHash(outside.Size, tree); err != nil || then != signed.Root {
		return fmt.Errorf("%w: at %d events it was another one", ErrForked, outside.Size)
	}
	return nil
}
