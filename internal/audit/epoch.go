package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
)

// Words of what is signed when an epoch begins: "epoch 2", "begun 2026-11-28T05:00:00Z after 1000 ROOT".
const (
	epochWord = "epoch "
	begunWord = "begun "
	afterWord = " after "
)

// Epoch is one that began when the database was put back from a backup: the tree has the size and root of its
// checkpoint then, which link the two, and goes on from there.
type Epoch struct {
	Checkpoint
	Begun time.Time
	Known Checkpoint // the last checkpoint of the epoch before that the log outside had; size 0: none
	Note  string     // as it was signed
	Lost  int64      // sealed events of before that are known and that it began without; of a Report

	lastSeq int64 // the largest number of an event before it, as the database says
}

// lost tells whether the restore that began the epoch took a witnessed event with it.
func (e Epoch) lost(w WitnessedEvent) bool { return w.Seq > e.lastSeq && w.At.Before(e.Begun) }

// SignEpoch writes an epoch's beginning as a signed note.
func (k Key) SignEpoch(e Epoch) (string, error) {
	known := "none"
	if e.Known.Size > 0 {
		known = strconv.FormatInt(e.Known.Size, 10) + " " + e.Known.Root.String()
	}
	return k.sign(e.text(k.Origin) + begunWord + e.Begun.UTC().Format(time.RFC3339) + afterWord + known + "\n")
}

// beginsEpoch tells whether a note claims to be an epoch's beginning.
func beginsEpoch(text string) bool { return strings.Contains(text, "\n"+begunWord) }

// epochIn is the epoch that a note claims to be of.
func epochIn(text string) int {
	_, claim, found := strings.Cut(text, "\n"+epochWord)
	number, _, _ := strings.Cut(claim, "\n")
	if n, err := strconv.Atoi(number); found && err == nil {
		return n
	}
	return 1
}

// OpenEpoch checks the signature of an epoch's beginning and gives it; ErrForged otherwise.
func (v Verifier) OpenEpoch(text string) (e Epoch, err error) {
	signed, more, err := v.open(text)
	if err != nil {
		return e, err
	}
	e = Epoch{Checkpoint: signed, Note: text}
	begun, ok := strings.CutPrefix(more[0], begunWord)
	when, known, found := strings.Cut(begun, afterWord)
	if e.Begun, err = time.Parse(time.RFC3339, when); !ok || !found || err != nil || e.Epoch < 2 {
		return e, fmt.Errorf("%w: no beginning of an epoch", ErrForged)
	}
	if known == "none" {
		return e, nil
	}
	size, root, _ := strings.Cut(known, " ")
	if e.Known.Size, err = strconv.ParseInt(size, 10, 64); err == nil {
		e.Known.Root, err = tlog.ParseHash(root)
	}
	if err != nil {
		return e, fmt.Errorf("%w: what was known before the epoch", ErrForged)
	}
	return e, nil
}

// position is the present epoch: which, how many leaves stand before it, and the last number of an event before it.
type position struct {
	number    int
	size, seq int64
}

// present is the newest epoch that the database has.
func present(ctx context.Context, q *relaydb.Queries) (position, error) {
	all, err := q.Epochs(ctx)
	return newest(all), err
}

// newest is the last of the epochs that the database has; the first one, where there are none.
func newest(all []relaydb.EpochsRow) position {
	if len(all) == 0 {
		return position{number: 1, size: -1}
	}
	last := all[len(all)-1]
	return position{int(last.Number), last.Size, last.EventSeq}
}

// epochOf is the epoch of a line of the log outside; the first, if there is none.
func epochOf(v Verifier, outside LoggedCheckpoint) (int, error) {
	if outside.Note == "" {
		return 1, nil
	}
	signed, err := v.Open(outside.Note)
	if err != nil {
		return 0, fmt.Errorf("outside the database: %w", err)
	}
	return signed.Epoch, nil
}

// resign puts the beginnings of epochs under another key, as they stand.
func (k Key) resign(text string) (string, error) {
	body, _, found := strings.Cut(text, "\n\n")
	_, rest, ok := strings.Cut(body, "\n")
	if !found || !ok {
		return "", fmt.Errorf("%w: no beginning of an epoch", ErrForged)
	}
	return k.sign(k.Origin + "\n" + rest + "\n")
}
