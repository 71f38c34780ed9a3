package audit

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// reach is how far a leaf may stand from its place in an export and still be told to be moved, not missing.
const reach = 5000

var errNoExport = errors.New("this is no export of the audit, or one of a form that this program does not know")

// VerifyExport checks an exported log, or an extract of it, with the public key, without any database. outside, the log
// of checkpoints, may be nil.
func VerifyExport(log io.Reader, v Verifier, outside io.Reader, name string) (*Report, error) {
	c := &exportChecker{checker: checker{verifier: v, name: name}, ahead: map[int64]line{}, signed: map[int64]string{}}
	if outside != nil {
		c.outside = newCheckpoints(outside)
	}
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		var l line
		err := json.Unmarshal(lines.Bytes(), &l)
		switch {
		case n == 1 && err == nil && l.Extract && l.Form == 1:
			return verifyExtract(l, lines, v)
		case n == 1 && (err != nil || l.Form != 1 || l.Log == ""):
			return nil, errNoExport
		case err != nil:
			c.find("changed", "line %d of the export cannot be read", n)
		default:
			c.line(l)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	c.finish()
	return &c.Report, nil
}

// exportChecker puts the leaves of an export into their order before they are checked, and says what stood elsewhere.
type exportChecker struct {
	checker
	ahead   map[int64]line   // leaves that came before their turn
	arrived []int64          // since the last leaf in its turn, in the order of the file
	signed  map[int64]string // checkpoints by size
	last    int64            // the largest size that a checkpoint or the end names
	ended   bool
}

func (c *exportChecker) line(l line) {
	switch {
	case l.Leaf != nil && (*l.Leaf < c.edge.size || c.ahead[*l.Leaf].Leaf != nil):
		c.find("added", "leaf %d stands in the export more than once", *l.Leaf)
	case l.Leaf != nil:
		c.ahead[*l.Leaf], c.arrived = l, append(c.arrived, *l.Leaf)
		c.take()
		if len(c.ahead) > reach {
			c.skip()
		}
	case l.Begins != "":
		e, err := c.verifier.OpenEpoch(l.Begins)
		if err != nil {
			c.find("forged", "an epoch of the export is not as this deployment began it")
			return
		}
		c.Epochs = append(c.Epochs, e)
		c.judged = 0 // the line that waits may be lost by it
		c.linked(e)
		c.compareOutside()
	case l.Checkpoint != "":
		c.signed[l.Size], c.last = l.Checkpoint, max(c.last, l.Size)
		c.heads()
	case l.End:
		c.ended, c.last = true, max(c.last, l.Size)
	}
}

// take checks the leaves whose turn it is.
func (c *exportChecker) take() {
	for c.ahead[c.edge.size].Leaf != nil {
		l := c.ahead[c.edge.size]
		delete(c.ahead, c.edge.size)
		c.exported(l)
		c.heads()
	}
	if len(c.ahead) == 0 {
		c.order()
	}
}

// order compares how the leaves came with how they should have come.
func (c *exportChecker) order() {
	sorted := slices.Sorted(slices.Values(c.arrived))
	var moved []int64
	for i, n := range sorted {
		if c.arrived[i] != n {
			moved = append(moved, n)
		}
	}
	c.arrived = c.arrived[:0]
	switch len(moved) {
	case 0:
	case 2:
		c.find("swapped", "leaves %d and %d were swapped in the export", moved[0], moved[1])
	default:
		c.find("swapped", "%d leaves from %d to %d stand in another order in the export", len(moved), moved[0],
			moved[len(moved)-1])
	}
}

// skip gives up waiting for the next leaf and goes on behind the gap.
func (c *exportChecker) skip() {
	next := slices.Min(slices.Collect(maps.Keys(c.ahead)))
	if n := next - c.edge.size; n == 1 {
		c.find("deleted", "leaf %d is not in the export", c.edge.size)
	} else {
		c.find("deleted", "%d leaves, %d to %d, are not in the export", n, c.edge.size, next-1)
	}
	for c.edge.size < next {
		c.edge.add(tlog.Hash{})
		c.holes = true
	}
	c.take()
}

func (c *exportChecker) exported(l line) {
	hash, err := tlog.ParseHash(l.Hash)
	if err != nil {
		c.find("changed", "leaf %d of the export has no hash", *l.Leaf)
	}
	seq := l.Seq
	if l.Event != nil {
		if seq, _, err = readEvent(l.Event); err != nil {
			c.find("changed", "the event at leaf %d cannot be read", *l.Leaf)
		}
	}
	c.leaf(leaf{number: *l.Leaf, seq: seq, hash: hash, event: l.Event}, nil)
}

func (c *exportChecker) heads() {
	if text, ok := c.signed[c.edge.size]; ok {
		delete(c.signed, c.edge.size)
		c.Checkpoints++
		c.checkpoint(c.edge.size, text, "")
	}
	c.compareOutside()
}

func (c *exportChecker) finish() {
	for len(c.ahead) > 0 {
		c.skip()
	}
	whole := c.edge.size
	c.end(c.last)
	for _, size := range slices.Sorted(maps.Keys(c.signed)) {
		if size < whole {
			c.find("broken", "the checkpoint of %d events stands too late in the export", size)
		}
	}
	if !c.ended {
		c.find("cut", "the export has no end: it was cut behind leaf %d", whole-1)
	}
	if c.ended && c.Size < whole && c.OK() {
		c.find("cut", "%d events behind the last checkpoint of %d are not signed", whole-c.Size, c.Size)
	}
}
