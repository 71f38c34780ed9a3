package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/queries/shareddb"
)

// Draft is the version that comes behind the newest, as it was saved last.
type Draft struct {
	Base     int
	Sequence int         // how often it was saved
	Text     string      // "" while there is none
	Writers  []uuid.UUID // none of whom publishes it
	By       uuid.UUID
	At       time.Time
}

// Begun tells whether there is one.
func (d Draft) Begun() bool { return d.Text != "" }

// Wrote tells whether somebody has written in it.
func (d Draft) Wrote(who uuid.UUID) bool { return slices.Contains(d.Writers, who) }

// LoadDraft gives the draft behind a version; q sees what the staff see.
func LoadDraft(ctx context.Context, q *shareddb.Queries, base int) (Draft, error) {
	row, err := q.FormDraft(ctx, Form, int32(base))
	if errors.Is(err, pgx.ErrNoRows) {
		return Draft{Base: base}, nil
	}
	return Draft{Base: base, Sequence: int(row.Sequence), Text: row.Text, Writers: row.Writers, By: row.By,
		At: row.At}, err
}

// ErrChanged means that somebody else has saved or published meanwhile.
var ErrChanged = errors.New("intake: it was changed meanwhile")

// ErrOwn means that whoever publishes has written in it.
var ErrOwn = errors.New("intake: whoever writes a version does not publish it")

// Save writes a text as the draft that comes behind d; "" gives it up. ErrChanged.
func (d Draft) Save(ctx context.Context, q *shareddb.Queries, text string, at time.Time) error {
	action := "edit"
	if text == "" {
		action = "discard"
	}
	n, err := q.AddFormDraft(ctx, shareddb.AddFormDraftParams{Form: Form, Base: int32(d.Base),
		Sequence: int32(d.Sequence + 1), Text: text, At: at, Action: action})
	if err == nil && n == 0 {
		return ErrChanged
	}
	return err
}

// Publish makes the draft the newest version: every process asks by it from its next page on. ErrOwn, ErrChanged.
func (d Draft) Publish(ctx context.Context, q *shareddb.Queries, who uuid.UUID, reason string, at time.Time) error {
	if d.Wrote(who) {
		return ErrOwn
	}
	hash := sha256.Sum256([]byte(d.Text))
	n, err := q.PublishForm(ctx, shareddb.PublishFormParams{Form: Form, Base: int32(d.Base), Sequence: int32(d.Sequence),
		Hash: hex.EncodeToString(hash[:]), Reason: reason, At: at})
	if err == nil && n == 0 {
		return ErrChanged
	}
	return err
}
