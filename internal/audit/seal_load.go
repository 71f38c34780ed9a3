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
	outside, err := s.Checkpoints.Last()
	if err != nil {
		return nil, err
	}
	kept, err := q.SealingState(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		if outside.Size > 0 {
			return nil, fmt.Errorf("%w: %d events outside, none in the database", ErrCut, outside.Size)
		}
		return &state{}, nil
	}
	if err != nil {
		return nil, err
	}
	verifier, err := NewVerifier(s.Key.Public)
	if err != nil {
		return nil, err
	}
	root, err := asSigned(verifier, kept, outside)
	if err != nil {
		return nil, err
	}
	now := &state{edge: edge{size: kept.Size}, xid: kept.Xid, seq: kept.EventSeq}
	tree := nodes{ctx, q}
	if now.edge.trees, err = tree.ReadHashes(edgeNumbers(kept.Size)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForked, err)
	}
	if now.edge.root() != root {
		return nil, fmt.Errorf("%w: the kept hashes do not make the root of %d", ErrForked, kept.Size)
	}
	if err := grewFrom(verifier, tree, outside); err != nil {
		return nil, err
	}
	if outside.Size < kept.Size { // the process ended between commit and file, or another one sealed
		err = s.Checkpoints.Append(LoggedCheckpoint{At: kept.At.UTC(), Size: kept.Size, Note: kept.Note})
	}
	return now, err
}

// asSigned gives the root of the kept checkpoint if it says what was signed, and nothing was cut off since.
func asSigned(verifier Verifier, kept relaydb.SealingStateRow, outside LoggedCheckpoint) (root tlog.Hash, err error) {
	if root, err = hashOf(kept.Root); err != nil {
		return root, err
	}
	switch signed, err := verifier.Open(kept.Note); {
	case err != nil:
		return root, err
	case kept.FromFuture:
		return root, ErrRestored
	case signed != Checkpoint{kept.Size, root} || kept.Leaves != kept.Size:
		return root, fmt.Errorf("%w: %d signed, %d kept, %d leaves", ErrForked, signed.Size, kept.Size, kept.Leaves)
	case outside.Size > kept.Size:
		return root, fmt.Errorf("%w: %d events outside, %d in the database", ErrCut, outside.Size, kept.Size)
	}
	return root, nil
}

// grewFrom fails if the tree did not have the root that the last checkpoint outside was signed with.
func grewFrom(verifier Verifier, tree nodes, outside LoggedCheckpoint) error {
	if outside.Size == 0 {
		return nil
	}
	signed, err := verifier.Open(outside.Note)
	if err != nil {
		return fmt.Errorf("outside the database: %w", err)
	}
	if then, err := tlog.TreeHash(outside.Size, tree); err != nil || then != signed.Root {
		return fmt.Errorf("%w: at %d events it was another one", ErrForked, outside.Size)
	}
	return nil
}
