package booking

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/queries/shareddb"
)

// unseen is the number of a transaction that no snapshot has seen.
const unseen = math.MaxUint64

// forever is the until of a booking's claim: it does not end by itself.
const forever = math.MaxInt64

// claimFact is what an event says about one claim. Facts of one claim can come in any order and more than once: a claim
// that is gone does not come back, and its end is only ever put off.
type claimFact struct {
	xid   uint64 // the transaction that made it so; unseen where its number is not known
	id    uuid.UUID
	span  Range
	until int64 // microseconds
	gone  bool
}

// busyClaims are the claims of one resource as some snapshot of the database saw them and as events have changed them
// since. It is never changed: every change makes another one, so that readers need no lock.
type busyClaims struct {
	snapshot snapshot
	begun    uint64    // the how manieth reading it is
	readAt   time.Time // by this machine's clock
	since    int64     // what ended before is not known
	// in parallel, in order of start; until in microseconds
	ranges []Range
	ids    []uuid.UUID
	untils []int64
	dies   int64       // the first of the untils
	gone   []uuid.UUID // of which was heard that they went, so that a fact of an earlier state does not bring them back
}

func claimsOf(row shareddb.BusyClaimsRow, since int64, readAt time.Time) (*busyClaims, error) {
	s, err := parseSnapshot(row.Snapshot)
	n := len(row.Ids)
	c := &busyClaims{snapshot: s, readAt: readAt, since: since, ids: row.Ids, untils: row.Untils,
		ranges: make([]Range, n)}
	for i := range n {
		c.ranges[i] = Range{row.Starts[i], row.Ends[i]}
		if c.untils[i] == 0 {
			c.untils[i] = forever
		}
	}
	c.dies = firstDeath(c.untils)
	return c, err
}

func firstDeath(untils []int64) int64 {
	if len(untils) == 0 {
		return forever
	}
	return slices.Min(untils)
}

// with gives the claims as they are after a fact: the same if it is known already. That one was taken may be over for a
// snapshot that saw it; that it is gone is true for ever.
func (c *busyClaims) with(f claimFact) *busyClaims {
	if slices.Contains(c.gone, f.id) {
		return c
	}
	at := slices.Index(c.ids, f.id)
	switch {
	case f.gone:
		return c.without(f.id, at)
	case c.snapshot.has(f.xid), at >= 0 && c.untils[at] >= f.until:
		return c
	}
	after := *c
	if at >= 0 {
		after.untils = slices.Clone(c.untils)
		after.untils[at] = f.until
	} else {
		at, _ = slices.BinarySearchFunc(c.ranges, f.span, func(a, b Range) int { return cmp.Compare(a.Start, b.Start) })
		after.ranges, after.ids = inserted(c.ranges, at, f.span), inserted(c.ids, at, f.id)
		after.untils = inserted(c.untils, at, f.until)
	}
	after.dies = firstDeath(after.untils)
	return &after
}

func (c *busyClaims) without(id uuid.UUID, at int) *busyClaims {
	after := *c
	after.gone = inserted(c.gone, len(c.gone), id)
	if at >= 0 {
		after.ranges, after.ids, after.untils = removed(c.ranges, at), removed(c.ids, at), removed(c.untils, at)
		after.dies = firstDeath(after.untils)
	}
	return &after
}

// inserted and removed give copies: what is there may be read at this moment.
func inserted[T any](all []T, at int, one T) []T {
	out := make([]T, 0, len(all)+1)
	return append(append(append(out, all[:at]...), one), all[at:]...)
}

func removed[T any](all []T, at int) []T {
	out := make([]T, 0, len(all)-1)
	return append(append(out, all[:at]...), all[at+1:]...)
}

// within are the ranges that are alive at an instant of the database's clock and touch a span. Most often they are a
// part of what is there and cost nothing.
func (c *busyClaims) within(span Range, alive time.Time) []Range {
	ranges, at := c.ranges, alive.UnixMicro()
	if c.dies <= at {
		ranges = make([]Range, 0, len(c.ranges))
		for i, r := range c.ranges {
			if c.untils[i] > at {
				ranges = append(ranges, r)
			}
		}
	}
	// a claim is a day long at most
	first, _ := slices.BinarySearchFunc(ranges, span.Start-daySeconds, byStart)
	for first < len(ranges) && ranges[first].End <= span.Start {
		first++
	}
	after, _ := slices.BinarySearchFunc(ranges, span.End, byStart)
	return ranges[first:max(first, after):max(first, after)]
}

func byStart(r Range, start int64) int { return cmp.Compare(r.Start, start) }

// bytes is about how much memory they take.
func (c *busyClaims) bytes() int64 {
	const each, fixed = 16 + 16 + 8, 400
	return fixed + each*int64(len(c.ids)) + 16*int64(len(c.gone)) + 8*int64(len(c.snapshot.open))
}

// snapshot is which transactions a statement saw: PostgreSQL's pg_snapshot.
type snapshot struct {
	oldest, next uint64
	open         []uint64 // between the two, and not seen
}

func parseSnapshot(text string) (s snapshot, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return s, fmt.Errorf("booking: %q is no snapshot", text)
	}
	if s.oldest, err = strconv.ParseUint(parts[0], 10, 64); err != nil {
		return s, err
	}
	if s.next, err = strconv.ParseUint(parts[1], 10, 64); err != nil {
		return s, err
	}
	for part := range strings.FieldsFuncSeq(parts[2], func(r rune) bool { return r == ',' }) {
		xid, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return s, err
		}
		s.open = append(s.open, xid)
	}
	return s, nil
}

// has tells whether a transaction that has committed was seen.
func (s snapshot) has(xid uint64) bool {
	return xid < s.oldest || xid < s.next && !slices.Contains(s.open, xid)
}
