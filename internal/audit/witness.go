package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/shareddb"
)

// Witness writes the hashes of events down outside of the database, as the process that wrote the events learns that
// they are committed: what is deleted or changed before it is sealed shows when the two are compared. It keeps nobody
// waiting. What it could not write down is no finding of anybody's: it is missing here and not in the database.
type Witness struct {
	dir     string
	now     func() time.Time
	log     *slog.Logger
	waiting chan []shareddb.AuditEventRow
	lost    atomic.Int64
}

// witnessRoom is how many transactions may wait to be written down.
const witnessRoom = 4096

// NewWitness writes into a folder, a file for each day (UTC). Several processes may share it.
func NewWitness(dir string, now func() time.Time, log *slog.Logger) *Witness {
	return &Witness{dir: dir, now: now, log: log, waiting: make(chan []shareddb.AuditEventRow, witnessRoom)}
}

// WitnessedEvent is one line of a witness's file.
type WitnessedEvent struct {
	Seq  int64     `json:"seq"`
	XID  uint64    `json:"xid"`
	At   Instant   `json:"at"` // when it happened, by the database's clock
	Hash tlog.Hash `json:"hash"`
}

// Tell takes the events of one committed transaction. It never waits.
func (w *Witness) Tell(events []shareddb.AuditEventRow) {
	select {
	case w.waiting <- events:
	default:
		w.lost.Add(int64(len(events)))
	}
}

// Run writes down what it is told until ctx ends, and then what waits.
func (w *Witness) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			for len(w.waiting) > 0 {
				w.write(<-w.waiting)
			}
			return
		case events := <-w.waiting:
			w.write(events)
		}
	}
}

// write appends the lines of some transactions, and those of what else waits, in one write: other processes append to
// the same file.
func (w *Witness) write(events []shareddb.AuditEventRow) {
	var lines bytes.Buffer
	count := 0
	for {
		for _, r := range events {
			e := EventOf(r)
			raw, err := json.Marshal(WitnessedEvent{e.Seq, e.XID, e.At, e.Hash()})
			if err != nil {
				panic(err) // plain values only
			}
			lines.Write(append(raw, '\n'))
			count++
		}
		if len(w.waiting) == 0 || lines.Len() > 64<<10 {
			break
		}
		events = <-w.waiting
	}
	err := w.append(lines.Bytes())
	if err != nil {
		w.lost.Add(int64(count))
	}
	if lost := w.lost.Swap(0); lost > 0 {
		w.log.Error("audit: events are not witnessed", "events", lost, "error", err)
	}
}

func (w *Witness) append(lines []byte) error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(w.dir, w.now().UTC().Format(time.DateOnly)+".jsonl"),
		os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(appendWhole(f, lines), f.Close())
}

// appendWhole begins on a line of its own: a write that found no room may have left half of one, of this process or of
// another. What was cut off stays: others may have written after it.
func appendWhole(f *os.File, lines []byte) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if last := []byte{'\n'}; info.Size() > 0 {
		if _, err := f.ReadAt(last, info.Size()-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			lines = append([]byte{'\n'}, lines...)
		}
	}
	_, err = f.Write(lines)
	return err
}
