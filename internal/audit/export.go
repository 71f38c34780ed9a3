package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// line is one line of an export: a header first, then leaves with the canonical form of their events, each checkpoint behind its last
// leaf, and the count at the end. All that is needed to check it is the public key.
type line struct {
	Log        string          `json:"kindward_audit,omitempty"` // header: the origin
	Form       int             `json:"form,omitempty"`           // header: 1
	Leaf       *int64          `json:"leaf,omitempty"`
	Seq        int64           `json:"seq,omitempty"` // of a leaf whose event is gone
	Hash       string          `json:"hash,omitempty"`
	Event      json.RawMessage `json:"event,omitempty"`
	Checkpoint string          `json:"checkpoint,omitempty"`
	Size       int64           `json:"size,omitempty"`
	End        bool            `json:"end,omitempty"`
}

// Export writes the sealed log as JSON lines, in one snapshot, and gives how many events it has.
func Export(ctx context.Context, url, origin string, w io.Writer) (size int64, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return 0, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	out := bufio.NewWriterSize(w, 1<<16)
	e := exporter{tx: tx, out: out}
	fmt.Fprintf(out, "{\"kindward_audit\":%q,\"form\":1}\n", origin)
	if err := e.pages(ctx); err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "{\"end\":true,\"size\":%d}\n", e.c.edge.size)
	return e.c.edge.size, out.Flush()
}

type exporter struct {
	tx  pgx.Tx
	out *bufio.Writer
	c   checker // for its pages
}

func (e *exporter) pages(ctx context.Context) error {
	for {
		leaves, err := e.c.leaves(ctx, e.tx)
		if err != nil || len(leaves) == 0 {
			return err
		}
		heads, err := keptHeads(ctx, e.tx, e.c.edge.size, leaves[len(leaves)-1].number+1)
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
		}
		if _, err := e.out.Write(nil); err != nil { // a full disk ends it here
			return err
		}
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
