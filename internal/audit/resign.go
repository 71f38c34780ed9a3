package audit

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// resignBatch is how many checkpoints are signed in one go.
const resignBatch = 10_000

// Resign signs all kept checkpoints with another key, for a deployment that has lost the one before: it vouches for the
// tree as it is found, and what was changed before is not seen any more. tx is kindward_audit's: tenancy.Owner.AsAudit.
func Resign(ctx context.Context, tx pgx.Tx, key Key) error {
	if err := resignEpochs(ctx, tx, key); err != nil {
		return err
	}
	for above := int64(-1); ; {
		batch, err := checkpointsAbove(ctx, tx, above)
		if err != nil || len(batch) == 0 {
			return err
		}
		var updates pgx.Batch
		for _, c := range batch {
			note, err := key.Sign(c)
			if err != nil {
				return err
			}
			updates.Queue("update audit.checkpoint set note = $2 where size = $1", c.Size, note)
		}
		if err := tx.SendBatch(ctx, &updates).Close(); err != nil {
			return err
		}
		above = batch[len(batch)-1].Size
	}
}

func resignEpochs(ctx context.Context, tx pgx.Tx, key Key) error {
	rows, err := tx.Query(ctx, "select number, note from audit.epoch")
	if err != nil {
		return err
	}
	type row struct {
		Number int
		Note   string
	}
	epochs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return err
	}
	for _, e := range epochs {
		note, err := key.resign(e.Note)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update audit.epoch set note = $2 where number = $1", e.Number, note); err != nil {
			return err
		}
	}
	return nil
}

func checkpointsAbove(ctx context.Context, tx pgx.Tx, size int64) ([]Checkpoint, error) {
	rows, err := tx.Query(ctx, `select c.size, c.root, coalesce((select max(k.number) from audit.epoch k
		where k.size < c.size), 1) from audit.checkpoint c where c.size > $1 order by c.size limit $2`, size, resignBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Checkpoint, err error) {
		var root []byte
		if err = row.Scan(&c.Size, &root, &c.Epoch); err == nil {
			c.Root, err = hashOf(root)
		}
		return c, err
	})
}
