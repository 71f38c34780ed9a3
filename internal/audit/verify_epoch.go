package audit

import (
	"context"

	"kindward/queries/relaydb"
)

// epochs reads the epochs that the database has; one that this deployment did not sign is none.
func (c *checker) epochs(ctx context.Context, q *relaydb.Queries) error {
	rows, err := q.Epochs(ctx)
	for _, r := range rows {
		e, err := c.verifier.OpenEpoch(r.Note)
		if err != nil || e.Epoch != int(r.Number) || e.Size != r.Size {
			c.find("forged", "epoch %d is not as this deployment began it", r.Number)
			continue
		}
		e.lastSeq = r.EventSeq
		c.Epochs = append(c.Epochs, e)
	}
	return err
}

// epochAt is the epoch in which a tree of some size is signed.
func (c *checker) epochAt(size int64) int {
	for i := len(c.Epochs) - 1; i >= 0; i-- {
		if c.Epochs[i].Size < size {
			return c.Epochs[i].Epoch
		}
	}
	return 1
}

// after is the epoch that ended another one, or nil.
func (c *checker) after(epoch int) *Epoch {
	for i := range c.Epochs {
		if c.Epochs[i].Epoch > epoch {
			return &c.Epochs[i]
		}
	}
	return nil
}

// lost drops a line of the log outside that a restore did not bring back: of an epoch that ended before it.
func (c *checker) lost(e *LoggedCheckpoint) bool {
	if len(c.Epochs) == 0 || c.outside.bad != nil || c.judged == c.outside.line {
		return false
	}
	c.judged = c.outside.line
	signed, err := c.verifier.Open(e.Note)
	if err != nil || signed.Size != e.Size {
		return false // the line is judged in its turn
	}
	next := c.after(signed.Epoch)
	if next == nil || signed.Size <= next.Size {
		return false
	}
	if c.Lost == nil {
		c.Lost = map[int]int64{}
	}
	c.Lost[next.Epoch] = max(c.Lost[next.Epoch], signed.Size)
	c.outside.drop()
	return true
}

// begins compares an epoch's beginning in the log outside with the one in the database, and with the tree.
func (c *checker) begins(e *LoggedCheckpoint) {
	c.Outside++
	c.written = max(c.written, e.Size)
	begun, err := c.verifier.OpenEpoch(e.Note)
	if err != nil {
		c.find("forged", "line %d of %s begins an epoch and is not signed by this deployment", c.outside.line, c.name)
		return
	}
	for _, known := range c.Epochs {
		if known.Note != e.Note {
			continue
		}
		if c.told == nil {
			c.told = map[int]bool{}
		}
		c.told[known.Epoch] = true
		c.linked(known)
		return
	}
	c.find("cut", "%s says that epoch %d began; the database knows nothing of it", c.name, begun.Epoch)
}

// linked compares the tree with the one that an epoch says to begin with.
func (c *checker) linked(e Epoch) {
	if !c.holes && e.Size == c.edge.size && e.Root != c.edge.root() {
		c.find("broken", "the first %d events do not make the root that epoch %d began with", e.Size, e.Epoch)
	}
}

// endEpochs says what does not fit between the epochs and the log outside.
func (c *checker) endEpochs() {
	for _, e := range c.Epochs {
		if !c.told[e.Epoch] {
			c.find("cut", "%s does not say that epoch %d began", c.name, e.Epoch)
		}
		if lost := c.Lost[e.Epoch]; lost > e.Known.Size {
			c.find("cut", "%s has a checkpoint of %d events from before epoch %d, which began knowing of %d", c.name, lost,
				e.Epoch, e.Known.Size)
		}
	}
}
