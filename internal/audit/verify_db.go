package audit

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
)

const page = 5000 // leaves that are recomputed at a time

// VerifyDatabase recomputes the whole tree from the events in the database and compares it with the kept leaves, hashes
// and checkpoints, with the log of checkpoints outside, and with what witnesses wrote down: files, or folders of them.
// It reads in pages and changes nothing: q is to be one snapshot, taken by its first query.
func VerifyDatabase(ctx context.Context, q *relaydb.Queries, v Verifier, log CheckpointLog,
	witnesses ...string) (*Report, error) {
	// What is outside first: what it says by now, the snapshot has.
	files, err := witnessFiles(witnesses...)
	if err != nil {
		return nil, err
	}
	outside, size, err := log.open()
	if err != nil {
		return nil, err
	}
	c := &checker{verifier: v, name: filepath.Base(log.Path)}
	if outside != nil {
		defer outside.Close()
		c.outside = newCheckpoints(io.LimitReader(outside, size))
	}
	if err := c.database(ctx, q); err != nil {
		return nil, err
	}
	return &c.Report, c.witnesses(ctx, q, files)
}

// open gives the log up to its last whole line; nil: there is none.
func (l CheckpointLog) open() (f *os.File, size int64, err error) {
	if l.Path == "" {
		return nil, 0, nil
	}
	f, err = os.Open(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return f, 0, err
	}
	tail := make([]byte, min(info.Size(), 64<<10))
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil && err != io.EOF {
		return f, 0, err
	}
	size = info.Size()
	for i := len(tail) - 1; i >= 0 && tail[i] != '\n'; i-- {
		size--
	}
	return f, size, nil
}

func (c *checker) database(ctx context.Context, q *relaydb.Queries) error {
	last, err := q.LastCheckpoint(ctx)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if err := c.epochs(ctx, q); err != nil {
		return err
	}
	c.compareOutside() // an epoch may begin with nothing
	for more := true; more; {
		leaves, err := c.leaves(ctx, q)
		if err != nil {
			return err
		}
		if more = len(leaves) == page; len(leaves) > 0 {
			if err := c.page(ctx, q, leaves); err != nil {
				return err
			}
		}
	}
	c.end(last.Size)
	if c.outside != nil && last.Old && c.written < last.Size {
		c.find("cut", "%s ends at %d events, the database has a checkpoint of %d", c.name, c.written, last.Size)
	}
	if last.Size > 0 && last.Size < c.edge.size {
		c.find("forged", "the last checkpoint is of %d events, the tree has %d: checkpoints were deleted", last.Size,
			c.edge.size)
	}
	if c.Missing, err = missing(ctx, q); err != nil {
		return err
	}
	return c.strangers(ctx, q, last)
}

func missing(ctx context.Context, q *relaydb.Queries) (Missing, error) {
	m, err := q.NumbersMissing(ctx)
	return Missing{Numbers: m.Missing, Gaps: m.Gaps, Widest: m.Widest, Behind: m.Behind}, err
}

// late counts the events that a checkpoint signed later than usual.
func (c *checker) late(signed time.Time) {
	for _, at := range c.unsigned {
		if wait := signed.Sub(at); wait > usual {
			c.Late.add(at, wait)
		}
	}
	c.unsigned = c.unsigned[:0]
}

// leaves reads the next page of leaves with their events.
func (c *checker) leaves(ctx context.Context, q *relaydb.Queries) ([]leaf, error) {
	rows, err := q.Leaves(ctx, c.edge.size, page)
	if err != nil {
		return nil, err
	}
	seqs, leaves := make([]int64, len(rows)), make([]leaf, len(rows))
	for i, r := range rows {
		seqs[i], leaves[i] = r.EventSeq, leaf{number: r.Number, seq: r.EventSeq}
		leaves[i].hash, _ = hashOf(r.Hash) // of another length: no event has the zero hash
	}
	events, err := q.EventsOfLeaves(ctx, seqs)
	there := make(map[int64]relaydb.AuditEventRow, len(events))
	for _, r := range events {
		there[r.Seq] = r
	}
	for i, l := range leaves {
		if r, ok := there[l.seq]; ok {
			leaves[i].event, leaves[i].at = EventOf(r).Canonical(), r.At
		}
	}
	return leaves, err
}

// page recomputes one page and compares it with the hashes and checkpoints that are kept for it.
func (c *checker) page(ctx context.Context, q *relaydb.Queries, leaves []leaf) error {
	from, to := c.edge.size, leaves[len(leaves)-1].number+1
	kept, err := keptNodes(ctx, q, tlog.StoredHashIndex(0, from), tlog.StoredHashIndex(0, to))
	if err != nil {
		return err
	}
	heads, err := q.CheckpointsBetween(ctx, from, to)
	if err != nil {
		return err
	}
	for _, l := range leaves {
		for c.edge.size < l.number { // go on with what the tree keeps of it
			c.find("deleted", "leaf %d is gone", c.edge.size)
			lost := leaf{number: c.edge.size, hash: kept[tlog.StoredHashIndex(0, c.edge.size)]}
			c.edge.add(lost.hash)
			c.heads(&heads)
		}
		first := tlog.StoredHashIndex(0, l.number)
		var node *tlog.Hash
		if h, ok := kept[first]; ok {
			node = &h
		}
		for i, h := range c.leaf(l, node) {
			if was, ok := kept[first+int64(i)]; !ok {
				c.find("broken", "hash %d of the tree is gone", first+int64(i))
			} else if i > 0 && was != h {
				c.find("broken", "hash %d of the tree, above leaf %d, is not what its leaves make", first+int64(i), l.number)
			}
		}
		if l.event != nil {
			c.unsigned = append(c.unsigned, l.at)
		}
		c.heads(&heads)
	}
	return nil
}

// heads compares the checkpoints of the present size.
func (c *checker) heads(waiting *[]relaydb.CheckpointsBetweenRow) {
	for len(*waiting) > 0 && (*waiting)[0].Size <= c.edge.size {
		h := (*waiting)[0]
		*waiting = (*waiting)[1:]
		if h.Size != c.edge.size {
			continue
		}
		c.Checkpoints++
		c.late(h.At)
		c.checkpoint(h.Size, h.Note, "")
		if signed, err := c.verifier.Open(h.Note); err == nil && !slices.Equal(h.Root, signed.Root[:]) {
			c.find("forged", "the checkpoint of %d events is kept with another root than was signed", h.Size)
		}
	}
	c.compareOutside()
}

func keptNodes(ctx context.Context, q *relaydb.Queries, from, to int64) (map[int64]tlog.Hash, error) {
	rows, err := q.NodesBetween(ctx, from, to)
	kept := make(map[int64]tlog.Hash, len(rows))
	for _, r := range rows {
		if h, err := hashOf(r.Hash); err == nil {
			kept[r.Number] = h
		}
	}
	return kept, err
}

// strangers are events that stand under the last checkpoint and are not in the tree: they were put in, or taken out of
// the tree.
func (c *checker) strangers(ctx context.Context, q *relaydb.Queries, last relaydb.LastCheckpointRow) error {
	epoch, err := present(ctx, q)
	if err != nil {
		return err
	}
	if last.Size <= epoch.size {
		last.Xid, last.EventSeq = 0, epoch.seq
	}
	rows, err := q.EventsWithoutLeaf(ctx, epoch.seq, last.Xid, last.EventSeq)
	for _, r := range rows {
		if r.Under {
			c.find("added", "event %d stands among the sealed ones and is not in the tree", r.Seq)
		} else {
			c.Unsealed++
		}
	}
	return err
}
