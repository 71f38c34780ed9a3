package audit

import (
	"context"
	"maps"
	"slices"

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

// knows tells whether the database has an epoch.
func (c *checker) knows(epoch int) bool {
	return epoch <= 1 || slices.ContainsFunc(c.Epochs, func(e Epoch) bool { return e.Epoch == epoch })
}

// newest is the number of the newest epoch that the database has.
func (c *checker) newest() int {
	if len(c.Epochs) == 0 {
		return 1
	}
	return c.Epochs[len(c.Epochs)-1].Epoch
}

// next is the first of some epochs behind another one, or nil.
func next(all []Epoch, epoch int) *Epoch {
	for i := range all {
		if all[i].Epoch > epoch {
			return &all[i]
		}
	}
	return nil
}

// lost drops a line of the log outside that a restore did not bring back: of an epoch that the database had once, or of
// one that it has, from behind the backup.
func (c *checker) lost(e *LoggedCheckpoint) bool {
	if len(c.Epochs) == 0 || c.outside.bad != nil || c.judged == c.outside.line {
		return false
	}
	c.judged = c.outside.line
	signed, err := c.verifier.Open(e.Note)
	if err != nil || signed.Size != e.Size {
		return false // the line is judged in its turn
	}
	if c.knows(signed.Epoch) {
		if ended := next(c.Epochs, signed.Epoch); ended == nil || signed.Size <= ended.Size {
			return false
		}
	} else if signed.Epoch > c.newest() {
		return false
	}
	if begun, err := c.verifier.OpenEpoch(e.Note); err == nil {
		c.LostEpochs = append(c.LostEpochs, begun)
	} else {
		c.lostIn(signed)
	}
	c.outside.drop()
	return true
}

func (c *checker) lostIn(signed Checkpoint) {
	if c.lostSizes == nil {
		c.lostSizes = map[int]int64{}
	}
	c.lostSizes[signed.Epoch] = max(c.lostSizes[signed.Epoch], signed.Size)
}

// waits tells whether a line begins an epoch that is not known yet: an export names it further on, or nobody does.
func (c *checker) waits(e *LoggedCheckpoint) bool {
	if !beginsEpoch(e.Note) {
		return false
	}
	begun, err := c.verifier.OpenEpoch(e.Note)
	return err == nil && !c.knows(begun.Epoch)
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
	c.find("cut", "%s says that epoch %d began otherwise than the database does", c.name, begun.Epoch)
}

// linked compares the tree with the one that an epoch says to begin with.
func (c *checker) linked(e Epoch) {
	if !c.holes && e.Size == c.edge.size && e.Root != c.edge.root() {
		c.find("broken", "the first %d events do not make the root that epoch %d began with", e.Size, e.Epoch)
	}
}

// endEpochs says what does not fit between the epochs and the log outside, and how much each restore has lost.
func (c *checker) endEpochs() {
	for _, e := range c.Epochs {
		if !c.told[e.Epoch] {
			c.find("cut", "%s does not say that epoch %d began", c.name, e.Epoch)
		}
	}
	all := slices.Concat(c.Epochs, c.LostEpochs)
	slices.SortStableFunc(all, func(a, b Epoch) int { return a.Epoch - b.Epoch })
	for _, epoch := range slices.Sorted(maps.Keys(c.lostSizes)) {
		size := c.lostSizes[epoch]
		if epoch > 1 && !slices.ContainsFunc(all, func(e Epoch) bool { return e.Epoch == epoch }) {
			c.find("cut", "%s does not say that epoch %d began", c.name, epoch)
		}
		if ended := next(all, epoch); ended != nil && size > ended.Known.Size {
			c.find("cut", "%s has a checkpoint of %d events from before epoch %d, which began knowing of %d", c.name,
				size, ended.Epoch, ended.Known.Size)
		}
	}
	c.countLost(all)
}

// countLost gives each epoch the number of sealed events that it began without: those of the epoch before it, from
// where the database has no more of that.
func (c *checker) countLost(all []Epoch) {
	counted := map[int]int64{}
	for i, e := range all {
		was, from := 1, e.Size
		if i > 0 {
			was = all[i-1].Epoch
		}
		if !c.knows(was) {
			from = all[i-1].Size
		} else if ended := next(c.Epochs, was); ended != nil {
			from = ended.Size
		}
		counted[e.Epoch] = max(0, max(e.Known.Size, c.lostSizes[was])-from)
	}
	for _, some := range [][]Epoch{c.Epochs, c.LostEpochs} {
		for i := range some {
			some[i].Lost = counted[some[i].Epoch]
		}
	}
}
