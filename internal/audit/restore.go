package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
)

// Restore begins a new epoch of the tree where the database was put back from a backup: its events come from another
// server, or the log outside knows of more than it has. What was sealed stays as it is; what was not is sealed now, by
// numbers; the beginning is signed, stands in the database, in the audit and in the log outside, and links the new
// epoch to the tree of before. Where nothing of that is so it changes nothing, and gives nil. within is one transaction
// as the audit's owner, which keeps everybody else out.
func Restore(ctx context.Context, within Session, key Key, log CheckpointLog, now time.Time) (begun *Epoch, err error) {
	outside, err := log.Last()
	if err != nil {
		return nil, err
	}
	err = within(ctx, func(q *relaydb.Queries) error {
		begun, err = restorer{ctx: ctx, queries: q, key: key, now: now}.restore(outside)
		return err
	})
	if err != nil || begun == nil {
		return nil, err
	}
	return begun, log.Append(LoggedCheckpoint{At: now.UTC(), Size: begun.Size, Note: begun.Note})
}

// restorer is one restore.
type restorer struct {
	ctx     context.Context
	queries *relaydb.Queries
	key     Key
	now     time.Time
}

func (r restorer) restore(outside LoggedCheckpoint) (*Epoch, error) {
	v, err := NewVerifier(r.key.Public)
	if err != nil {
		return nil, err
	}
	var known Checkpoint
	if outside.Note != "" {
		if known, err = v.Open(outside.Note); err != nil {
			return nil, fmt.Errorf("outside the database: %w", err)
		}
	}
	was, err := present(r.ctx, r.queries)
	if err != nil {
		return nil, err
	}
	at, err := r.queries.AuditRestored(r.ctx, was.seq)
	if err != nil {
		return nil, err
	}
	tree, root, err := r.tree(v, was)
	if err != nil {
		return nil, err
	}
	if !at.FromFuture && known.Epoch <= was.number && (known.Epoch < was.number || known.Size <= tree.size) {
		return nil, nil
	}
	e := Epoch{Checkpoint: Checkpoint{tree.size, root, max(was.number, known.Epoch) + 1}, Begun: r.now, Known: known}
	if e.Note, err = r.key.SignEpoch(e); err != nil {
		return nil, err
	}
	if err := r.begin(e, at.LastSeq); err != nil {
		return nil, err
	}
	return &e, r.leftOver(tree, e.Epoch, at.LastSeq)
}

// tree is the edge of what was sealed, which has to be what was signed.
func (r restorer) tree(v Verifier, was position) (e edge, root tlog.Hash, err error) {
	kept, err := r.queries.SealingState(r.ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return edge{}, emptyTree, nil
	}
	if err != nil {
		return e, root, err
	}
	kept.FromFuture = false // which is why an epoch begins
	if root, err = asSigned(v, kept, was, LoggedCheckpoint{}); err != nil {
		return e, root, err
	}
	e, err = edgeWith(nodes{r.ctx, r.queries}, kept.Size, root)
	return e, root, err
}

func (r restorer) begin(e Epoch, lastSeq int64) error {
	return r.queries.BeginEpoch(r.ctx, relaydb.BeginEpochParams{Number: int32(e.Epoch), Size: e.Size, EventSeq: lastSeq,
		Note: e.Note, At: r.now, Known: e.Known.Size})
}

// leftOver seals the events that were not, up to a number.
func (r restorer) leftOver(tree edge, epoch int, lastSeq int64) error {
	for {
		rows, err := r.queries.EventsLeftOver(r.ctx, lastSeq, resignBatch)
		if err != nil || len(rows) == 0 {
			return err
		}
		add, _ := grow(&tree, rows)
		head := Checkpoint{tree.size, tree.root(), epoch}
		if add.Note, err = r.key.Sign(head); err != nil {
			return err
		}
		add.Size, add.Root, add.EventSeq = head.Size, head.Root[:], lastSeq
		if err := r.queries.AppendCheckpoint(r.ctx, add); err != nil {
			return err
		}
	}
}
