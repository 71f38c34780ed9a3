package audit

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

const page = 5000 // leaves that are recomputed at a time

// VerifyDatabase recomputes the whole tree from the events in the database, in one snapshot, and compares it with the kept leaves,
// hashes and checkpoints, and with the book outside. It reads as the relay and changes nothing.
func VerifyDatabase(ctx context.Context, url string, v Verifier, book Book) (*Report, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// The book first: what it says by now, the snapshot has.
	outside, size, err := book.open()
	if err != nil {
		return nil, err
	}
	c := &checker{verifier: v, name: filepath.Base(book.Path)}
	if outside != nil {
		defer outside.Close()
		c.book = newEntries(io.LimitReader(outside, size))
	}
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if err := c.database(ctx, tx); err != nil {
		return nil, err
	}
	return &c.Report, nil
}

// open gives the book up to its last whole line; nil: there is none.
func (b Book) open() (f *os.File, size int64, err error) {
	if b.Path == "" {
		return nil, 0, nil
	}
	f, err = os.Open(b.Path)
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

const (
	readLeaves = `select l.number, l.event_seq, l.hash from audit.leaf l where l.number >= $1 order by l.number limit $2`
	readEvents = `select ` + columns + ` from audit.event e where e.seq = any ($1::bigint[])`
	readHead   = `select c.size, c.xid, c.event_seq, c.at < now() - interval '1 minute' from audit.checkpoint c order by c.size desc limit 1`
)

func (c *checker) database(ctx context.Context, tx pgx.Tx) error {
	var last, seq int64
	var xid uint64
	var old bool
	err := tx.QueryRow(ctx, readHead).Scan(&last, &xid, &seq, &old)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	for more := true; more; {
		leaves, err := c.leaves(ctx, tx)
		if err != nil {
			return err
		}
		if more = len(leaves) == page; len(leaves) > 0 {
			if err := c.page(ctx, tx, leaves); err != nil {
				return err
			}
		}
	}
	c.end(last)
	if c.book != nil && old && c.written < last {
		c.find("cut", "%s ends at %d events, the database has a checkpoint of %d", c.name, c.written, last)
	}
	if last > 0 && last < c.edge.size {
		c.find("forged", "the last checkpoint is of %d events, the tree has %d: checkpoints were deleted", last, c.edge.size)
	}
	return c.strangers(ctx, tx, xid, seq)
}

// leaves reads the next page of leaves with their events.
func (c *checker) leaves(ctx context.Context, tx pgx.Tx) ([]leaf, error) {
	rows, err := tx.Query(ctx, readLeaves, c.edge.size, page)
	if err != nil {
		return nil, err
	}
	var seqs []int64
	leaves, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l leaf, err error) {
		var hash []byte
		err = row.Scan(&l.number, &l.seq, &hash)
		l.hash, _ = hashOf(hash) // of another length: no event has the zero hash
		seqs = append(seqs, l.seq)
		return l, err
	})
	if err != nil {
		return nil, err
	}
	if rows, err = tx.Query(ctx, readEvents, seqs); err != nil {
		return nil, err
	}
	events, err := pgx.CollectRows(rows, scanEvent)
	there := make(map[int64][]byte, len(events))
	for _, e := range events {
		there[e.Seq] = e.Canonical()
	}
	for i := range leaves {
		leaves[i].event = there[leaves[i].seq]
	}
	return leaves, err
}

// page recomputes one page and compares it with the hashes and checkpoints that are kept for it.
func (c *checker) page(ctx context.Context, tx pgx.Tx, leaves []leaf) error {
	from, to := c.edge.size, leaves[len(leaves)-1].number+1
	kept, err := keptNodes(ctx, tx, tlog.StoredHashIndex(0, from), tlog.StoredHashIndex(0, to))
	if err != nil {
		return err
	}
	heads, err := keptHeads(ctx, tx, from, to)
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
		c.heads(&heads)
	}
	return nil
}

// head is a checkpoint as the database keeps it.
type head struct {
	Size int64
	Root []byte
	Note string
}

// heads compares the checkpoints of the present size.
func (c *checker) heads(waiting *[]head) {
	for len(*waiting) > 0 && (*waiting)[0].Size <= c.edge.size {
		h := (*waiting)[0]
		*waiting = (*waiting)[1:]
		if h.Size != c.edge.size {
			continue
		}
		c.Checkpoints++
		c.checkpoint(h.Size, h.Note, "")
		if signed, err := c.verifier.Open(h.Note); err == nil && !slices.Equal(h.Root, signed.Root[:]) {
			c.find("forged", "the checkpoint of %d events is kept with another root than was signed", h.Size)
		}
	}
	c.outside()
}

func keptHeads(ctx context.Context, tx pgx.Tx, from, to int64) ([]head, error) {
	rows, err := tx.Query(ctx, `select size, root, note from audit.checkpoint where size > $1 and size <= $2 order by size`, from, to)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[head])
}

func keptNodes(ctx context.Context, tx pgx.Tx, from, to int64) (map[int64]tlog.Hash, error) {
	rows, err := tx.Query(ctx, `select number, hash from audit.node where number >= $1 and number < $2`, from, to)
	if err != nil {
		return nil, err
	}
	kept := make(map[int64]tlog.Hash, to-from)
	var number int64
	var raw []byte
	_, err = pgx.ForEachRow(rows, []any{&number, &raw}, func() error {
		if h, err := hashOf(raw); err == nil {
			kept[number] = h
		}
		return nil
	})
	return kept, err
}

// strangers are events that stand under the last checkpoint and are not in the tree: they were put in, or taken out of the tree.
func (c *checker) strangers(ctx context.Context, tx pgx.Tx, xid uint64, seq int64) error {
	rows, err := tx.Query(ctx, `select e.seq, (e.xid, e.seq) <= ($1::xid8, $2::bigint) from audit.event e left join audit.leaf l on l.event_seq = e.seq
		where l.number is null order by e.xid, e.seq`, xid, seq)
	if err != nil {
		return err
	}
	var number int64
	var under bool
	_, err = pgx.ForEachRow(rows, []any{&number, &under}, func() error {
		if under {
			c.find("added", "event %d stands among the sealed ones and is not in the tree", number)
		} else {
			c.Unsealed++
		}
		return nil
	})
	return err
}
