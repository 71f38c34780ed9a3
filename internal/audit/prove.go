package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrUnsealed means that there is no such event under a checkpoint: it does not exist, or is younger than a second or two.
var ErrUnsealed = errors.New("no such event under a checkpoint yet")

// Proof shows that one event stands in the log, to whoever has the public key.
type Proof struct {
	Leaf       int64           `json:"leaf"`
	Event      json.RawMessage `json:"event"` // canonical
	Path       []tlog.Hash     `json:"path"`
	Checkpoint string          `json:"checkpoint"`
}

// Prove makes the proof of one event under the newest checkpoint.
func Prove(ctx context.Context, url string, id uuid.UUID) (p Proof, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return p, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `select `+columns+` from audit.event e where e.id = $1`, id)
	if err != nil {
		return p, err
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEvent)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, ErrUnsealed
	}
	if err != nil {
		return p, err
	}
	var size int64
	err = conn.QueryRow(ctx, `select l.number, c.size, c.note from audit.leaf l, (select size, note from audit.checkpoint order by size desc limit 1) c
		where l.event_seq = $1 and l.number < c.size`, e.Seq).Scan(&p.Leaf, &size, &p.Checkpoint)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, ErrUnsealed
	}
	if err != nil {
		return p, err
	}
	p.Event = e.Canonical()
	p.Path, err = tlog.ProveRecord(size, p.Leaf, nodes{ctx, conn})
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
