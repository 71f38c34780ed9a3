package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
)

// line is one line of an export: a header first, then leaves with the canonical form of their events, each checkpoint
// behind its last leaf, and the count at the end. All that is needed to check it is the public key.
type line struct {
	Log        string          `json:"kindward_audit,omitempty"` // header: the origin
	Form       int             `json:"form,omitempty"`           // header: 1
	Leaf       *int64          `json:"leaf,omitempty"`
	Seq        int64           `json:"seq,omitempty"` // of a leaf whose event is gone
	Hash       string          `json:"hash,omitempty"`
	Event      json.RawMessage `json:"event,omitempty"`
	Checkpoint string          `json:"checkpoint,omitempty"`
	Begins     string          `json:"begins,omitempty"` // an epoch
	Size       int64           `json:"size,omitempty"`
	End        bool            `json:"end,omitempty"`
	// of an extract alone
	Extract bool        `json:"kindward_audit_extract,omitempty"`
	Path    []tlog.Hash `json:"path,omitempty"`
	Cut     bool        `json:"cut,omitempty"`
}

// Export writes the sealed log as JSON lines and gives how many events it has. It reads in pages: q is to be one
// snapshot.
func Export(ctx context.Context, q *relaydb.Queries, origin string, w io.Writer) (size int64, err error) {
	out := bufio.NewWriterSize(w, 1<<16)
	e := exporter{queries: q, out: out}
	fmt.Fprintf(out, "{\"kindward_audit\":%q,\"form\":1}\n", origin)
	if err := e.pages(ctx); err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "{\"end\":true,\"size\":%d}\n", e.c.edge.size)
	return e.c.edge.size, out.Flush()
}

type exporter struct {
	queries *relaydb.Queries
	out     *bufio.Writer
	c       checker // for its pages
	epochs  []relaydb.EpochsRow
}

func (e *exporter) pages(ctx context.Context) (err error) {
	if e.epochs, err = e.queries.Epochs(ctx); err != nil {
		return err
	}
	e.beginnings()
	for {
		leaves, err := e.c.leaves(ctx, e.queries)
		if err != nil || len(leaves) == 0 {
			return err
		}
		heads, err := e.queries.CheckpointsBetween(ctx, e.c.edge.size, leaves[len(leaves)-1].number+1)
		if err != nil {
			return err
		}
		for _, l := range leaves {
			e.write(l)
			e.c.edge.size = l.number + 1
			for len(heads) > 0 && heads[0].Size <= e.c.edge.size {
				raw, _ := json.Marshal(heads[0].Note) // a string
				fmt.Fprintf(e.out, "{\"checkpoint\":%s,\"size\":%d}\n", raw, heads[0].Size)
				heads = heads[1:]
			}
			e.beginnings()
		}
		if _, err := e.out.Write(nil); err != nil { // a full disk ends it here
			return err
		}
	}
}

// beginnings writes the epochs that begin at the present size.
func (e *exporter) beginnings() {
	for len(e.epochs) > 0 && e.epochs[0].Size <= e.c.edge.size {
		raw, _ := json.Marshal(e.epochs[0].Note) // a string
		fmt.Fprintf(e.out, "{\"begins\":%s,\"size\":%d}\n", raw, e.epochs[0].Size)
		e.epochs = e.epochs[1:]
	}
}

// write keeps the event's bytes as they are: they are what was hashed.
func (e *exporter) write(l leaf) {
	if l.event == nil {
		fmt.Fprintf(e.out, "{\"leaf\":%d,\"seq\":%d,\"hash\":%q}\n", l.number, l.seq, l.hash.String())
		return
	}
	e.out.WriteString(`{"leaf":` + strconv.FormatInt(l.number, 10) + `,"hash":"` + l.hash.String() + `","event":`)
	e.out.Write(l.event)
	e.out.WriteString("}\n")
}
