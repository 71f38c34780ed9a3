package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Finding is one thing that is not as it was sealed, in one line for a person.
type Finding struct {
	Kind string // changed, deleted, swapped, cut, forged, added, broken
	Text string
}

func (f Finding) String() string { return f.Kind + ": " + f.Text }

// Report is what a verification saw.
type Report struct {
	Events, Checkpoints, Outside int64   // recomputed; signed heads compared in the database and outside
	Size                         int64   // of the last checkpoint that holds
	Repeated                     int64   // lines outside that stand there once more, behind larger ones
	Unsealed                     int64   // events behind the last checkpoint, not yet under the tree
	WitnessFiles                 int     // that were compared
	Witnessed, Unreadable        int64   // their lines: compared, and broken off
	Epochs                       []Epoch // after the first
	LostEpochs                   []Epoch // that the log outside has, and later restores did not bring back
	WitnessedLost                int64   // of them, that a restore did not bring back
	Extract                      bool    // some events with their proofs, not the log; Unsealed have none
	Late                         Late
	Missing                      Missing
	Findings                     []Finding
	More                         int // findings beyond the first hundred
}

// usual is how late an event is sealed at most, as a rule: a second or two, behind a transaction of pages that stays
// open half a minute.
const usual = time.Minute

// Late are the events that were sealed later than usual after they happened. That is no finding: no worker ran, or a
// transaction was open for long. What was deleted meanwhile is not in the tree.
type Late struct {
	Events      int64
	First, Last time.Time // when the first and the last of them happened
	Worst       time.Duration
}

func (l *Late) add(at time.Time, late time.Duration) {
	if l.Events == 0 || at.Before(l.First) {
		l.First = at
	}
	if at.After(l.Last) {
		l.Last = at
	}
	l.Events, l.Worst = l.Events+1, max(l.Worst, late)
}

// Missing are numbers between those of sealed events that none of them has. A transaction that is rolled back leaves
// such a gap; so does an event that was deleted before it was sealed.
type Missing struct {
	Numbers, Gaps  int64
	Widest, Behind int64 // how many the widest gap has, and behind which number it stands
}

// OK tells that everything is as it was sealed.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

func (r *Report) find(kind, format string, args ...any) {
	if len(r.Findings) >= 100 {
		r.More++
		return
	}
	r.Findings = append(r.Findings, Finding{kind, fmt.Sprintf(format, args...)})
}

// leaf is one leaf as it is found: what the tree says about an event, and the event.
type leaf struct {
	number int64
	seq    int64
	hash   tlog.Hash // as kept beside the tree
	event  []byte    // canonical; nil: it is gone
	at     time.Time // when it happened, if that is known
}

// checker recomputes the tree from leaves in order and compares it with everything that was kept of it. At each
// difference it goes on with what was kept, so that a finding says where the difference is and not what follows from
// it.
type checker struct {
	Report
	verifier Verifier
	edge     edge
	outside  *checkpoints // the log outside of the database, or nil
	name     string       // of its file
	gone     span         // events that are gone, as far as they follow on one another
	wrong    []leaf       // events that are there and not as sealed
	written  int64        // the largest size that the log outside has
	holes    bool         // leaves are missing: roots from here on cannot be made
	judged   int          // the line of the log outside that was last asked whether it was lost
	told     map[int]bool // the epochs whose beginning the log outside has
	recent   recent       // of the log outside
	// by epoch: the largest size outside that a restore did not bring back
	lostSizes map[int]int64
	unsigned  []time.Time // when the events happened that no checkpoint has signed so far
}

// span is a run of leaves, [from, to).
type span struct {
	from, to   int64
	first, end int64 // event numbers
}

// leaf takes the next one; node is the hash that the tree keeps for it, or nil.
func (c *checker) leaf(l leaf, node *tlog.Hash) (stored []tlog.Hash) {
	c.Events++
	sealed := l.hash
	switch {
	case l.event == nil:
		c.missing(l)
	case tlog.RecordHash(l.event) != l.hash:
		c.wrong = append(c.wrong, l)
	}
	if node != nil && *node != l.hash {
		c.find("broken", "leaf %d (event %d) is not the leaf that the tree was made with", l.number, l.seq)
		sealed = *node
	}
	return c.edge.add(sealed)
}

func (c *checker) missing(l leaf) {
	if c.gone.to != l.number || c.gone.to == 0 {
		c.tellGone(false)
		c.gone = span{from: l.number, first: l.seq}
	}
	c.gone.to, c.gone.end = l.number+1, l.seq
}

// tellGone says which events are gone; at the end of the log they are its tail.
func (c *checker) tellGone(tail bool) {
	g := c.gone
	c.gone = span{}
	switch n := g.to - g.from; {
	case n == 0:
	case tail:
		c.find("cut", "the tail was cut: the last %d sealed events, from event %d on, are gone", n, g.first)
	case n == 1:
		c.find("deleted", "event %d (leaf %d) was deleted", g.first, g.from)
	default:
		c.find("deleted", "%d events from event %d to event %d (leaves %d to %d) were deleted", n, g.first, g.end, g.from,
			g.to-1)
	}
}

// checkpoint compares a signed head with the tree at this size. where says whose it is.
func (c *checker) checkpoint(size int64, text, where string) {
	signed, err := c.verifier.Open(text)
	switch {
	case err != nil:
		c.find("forged", "the checkpoint of %d events%s is not signed by this deployment", size, where)
	case signed.Size != size:
		c.find("forged", "the checkpoint that is kept for %d events%s was signed for %d", size, where, signed.Size)
	case signed.Epoch != c.epochAt(size):
		c.find("forged", "the checkpoint of %d events%s was signed in epoch %d, they are of epoch %d", size, where,
			signed.Epoch, c.epochAt(size))
	case c.holes:
	case signed.Root != c.edge.root():
		c.find("broken", "the first %d events do not make the root that was signed%s", size, where)
		c.holes = true // so does every later one
	default:
		c.Size = size
	}
}

// compareOutside compares what the log outside says about trees up to the present size.
func (c *checker) compareOutside() {
	if c.outside == nil {
		return
	}
	for e := c.outside.peek(); e != nil; e = c.outside.peek() {
		if c.lost(e) {
			continue
		}
		if c.outside.bad == nil && (e.Size > c.edge.size || c.waits(e)) {
			return
		}
		c.outside.drop()
		switch {
		case c.outside.bad != nil:
			c.find("forged", "line %d of %s cannot be read", c.outside.line, c.name)
		case e.Size < c.edge.size && c.recent.has(e.Note):
			c.Repeated++
		case e.Size < c.edge.size:
			c.find("forged", "line %d of %s is out of order", c.outside.line, c.name)
		case beginsEpoch(e.Note):
			c.begins(e)
		default:
			c.recent.add(e.Note)
			c.Outside, c.written = c.Outside+1, e.Size
			c.checkpoint(e.Size, e.Note, fmt.Sprintf(" in line %d of %s", c.outside.line, c.name))
		}
	}
}

// end says what can only be said when everything was read. last is the size of the last checkpoint in the log.
func (c *checker) end(last int64) {
	c.tellGone(c.gone.to == c.edge.size)
	c.tellWrong()
	c.compareOutside()
	if last > c.edge.size {
		c.find("cut", "the tail was cut: a checkpoint of %d events is signed, %d are left", last, c.edge.size)
	}
	if c.outside == nil {
		c.countLost(c.Epochs)
		return
	}
	var beyond int64
	for e := c.outside.peek(); e != nil; e = c.outside.peek() {
		if c.lost(e) {
			continue
		}
		c.outside.drop()
		if c.outside.bad != nil {
			c.find("forged", "line %d of %s cannot be read", c.outside.line, c.name)
			continue
		}
		if _, err := c.verifier.Open(e.Note); err != nil {
			c.find("forged", "line %d of %s is not signed by this deployment", c.outside.line, c.name)
			continue
		}
		if c.waits(e) {
			c.find("cut", "%s begins an epoch behind %d events, and the database knows nothing of it", c.name, e.Size)
		}
		beyond, c.written = max(beyond, e.Size), max(beyond, e.Size)
	}
	c.endEpochs()
	if beyond > c.edge.size {
		c.find("cut", "the tail was cut: %s has a signed checkpoint of %d events, %d are left", c.name, beyond, c.edge.size)
	}
}

// tellWrong names the events that are not as sealed. Two that each are what the other was have changed places.
func (c *checker) tellWrong() {
	told := map[int]bool{}
	if len(c.wrong) <= 500 { // every pair is tried
		for i, a := range c.wrong {
			for j := i + 1; j < len(c.wrong) && !told[i]; j++ {
				if b := c.wrong[j]; !told[j] && tlog.RecordHash(insteadOf(a.event, b.event)) == b.hash &&
					tlog.RecordHash(insteadOf(b.event, a.event)) == a.hash {
					c.find("swapped", "events %d and %d (leaves %d and %d) were swapped", a.seq, b.seq, a.number, b.number)
					told[i], told[j] = true, true
				}
			}
		}
	}
	for i, l := range c.wrong {
		if !told[i] {
			c.find("changed", "event %d (leaf %d) was changed", l.seq, l.number)
		}
	}
}

// inPlaceOf is event a with the number and transaction of event b.
func insteadOf(a, b []byte) []byte {
	x, errX := cutOrder(a)
	y, errY := cutOrder(b)
	if errors.Join(errX, errY) != nil {
		return nil
	}
	return []byte(strings.Join([]string{y[0], y[1], x[2]}, ""))
}

// cutOrder parts a canonical form into what stands before number and transaction, these, and the rest.
func cutOrder(raw []byte) (part [3]string, err error) {
	var order struct {
		Seq json.Number `json:"seq"`
		XID json.Number `json:"xid"`
	}
	if err := json.Unmarshal(raw, &order); err != nil {
		return part, err
	}
	mid := `"seq":` + order.Seq.String() + `,"xid":` + order.XID.String()
	before, after, found := strings.Cut(string(raw), mid)
	if !found {
		return part, errors.New("no number")
	}
	return [3]string{before, mid, after}, nil
}
