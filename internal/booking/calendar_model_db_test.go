package booking_test

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	. "kindward/internal/booking"
)

// The calendar of one resource as it should be: a register of ranges that never overlap, told only by what patients did
// and saw. It knows nothing of tables, locks or statements.

// live is a hold or a booking that has its range now.
type live struct {
	id       uuid.UUID
	who      int // the person
	service  int
	start    int64 // of the visit
	claim    Range
	booked   bool
	extended bool
	sequence int32
}

type verb uint8

const (
	holding verb = iota
	confirming
	releasing
	extending
	expiring // the clock runs out; an act of the test, so that its moment is known
	moving
	canceling
	reading
)

const checkWithin = 2 * time.Minute

var verbNames = [...]string{"hold", "confirm", "release", "extend", "expire", "move", "cancel", "read"}

// act is what was asked.
type act struct {
	verb     verb
	who      int
	id       uuid.UUID
	sequence int32
	service  int
	start    int64
	claim    Range
}

// answer is what came back.
type answer struct {
	said string // "ok", "taken", "gone", "busy"; anything else is illegal
	id   uuid.UUID
	busy []Range
}

// calendar is the model's state: what is live, and which refusals and readings have not been true yet since they were
// asked.
type calendar struct {
	live []live
	owed []claimed
}

// claimed is an answer that changes nothing: it must be true at some moment between the question and the answer.
type claimed struct {
	number int
	in     act
	out    answer
}

// asked and answered are the two ends of such an answer.
type (
	asked    claimed
	answered int
)

// unfold splits what changes nothing into its two ends. The history means the same, and the checker need not try every
// order of hundreds of refusals: a refusal is settled by the first moment at which it is true.
func unfold(history []porcupine.Operation) (out []porcupine.Operation) {
	for n, o := range history {
		in, back := o.Input.(act), o.Output.(answer)
		switch {
		case back.said == "busy": // nothing was tried, or nothing was kept
		case back.said == "taken", back.said == "gone", in.verb == reading:
			out = append(out, porcupine.Operation{ClientId: o.ClientId, Input: asked{n, in, back}, Call: o.Call, Return: o.Call},
				porcupine.Operation{ClientId: o.ClientId, Input: answered(n), Call: o.Return, Return: o.Return})
		default:
			out = append(out, o)
		}
	}
	return out
}

// calendarModel says which answers a calendar may give, one act at a time.
func calendarModel() porcupine.Model {
	seed := maphash.MakeSeed()
	return porcupine.Model{
		Init: func() any { return calendar{} },
		Step: func(state, input, output any) (bool, any) { return state.(calendar).step(input, output) },
		Equal: func(a, b any) bool {
			return slices.Equal(a.(calendar).live, b.(calendar).live) &&
				slices.EqualFunc(a.(calendar).owed, b.(calendar).owed, func(x, y claimed) bool { return x.number == y.number })
		},
		Hash: func(state any) (h uint64) {
			for _, l := range state.(calendar).live {
				h = h*31 + maphash.Comparable(seed, l)
			}
			for _, o := range state.(calendar).owed {
				h = h*31 + uint64(o.number)
			}
			return h
		},
	}
}

func (c calendar) step(input, output any) (bool, calendar) {
	switch in := input.(type) {
	case asked:
		if ok, _ := step(c.live, in.in, in.out); !ok {
			c.owed = append(slices.Clone(c.owed), claimed(in))
		}
		return true, c
	case answered:
		return !slices.ContainsFunc(c.owed, func(o claimed) bool { return o.number == int(in) }), c
	}
	ok, next := step(c.live, input.(act), output.(answer))
	if !ok {
		return false, c
	}
	c.owed = slices.DeleteFunc(slices.Clone(c.owed), func(o claimed) bool { ok, _ := step(next, o.in, o.out); return ok })
	c.live = next
	return true, c
}

// linearizable checks a history against the model.
func linearizable(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(calendarModel(), unfold(history), checkWithin)
}

func step(now []live, in act, out answer) (bool, []live) {
	at := slices.IndexFunc(now, func(l live) bool { return l.id == in.id })
	mine := at >= 0 && now[at].who == in.who
	switch in.verb {
	case holding:
		return stepHold(now, in, out)
	case confirming:
		return change(now, at, mine && !now[at].booked, out, func(l live) live { l.booked = true; return l })
	case extending:
		return change(now, at, mine && !now[at].booked && !now[at].extended, out,
			func(l live) live { l.extended = true; return l })
	case expiring:
		return end(now, at, at >= 0 && !now[at].booked, out)
	case canceling:
		return end(now, at, mine && now[at].booked && now[at].sequence == in.sequence, out)
	case releasing:
		if out.said == "ok" && !(mine && !now[at].booked) {
			return true, now // a dead hold may be swept up by its owner; nobody else sees a difference
		}
		return end(now, at, mine && !now[at].booked, out)
	case moving:
		if !mine || !now[at].booked || now[at].sequence != in.sequence {
			return out.said == "gone", now
		}
		if !fits(now, in.claim, at) {
			return out.said == "taken", now
		}
		return change(now, at, true, out, func(l live) live {
			l.start, l.claim, l.sequence = in.start, in.claim, l.sequence+1
			return l
		})
	case reading:
		return slices.Equal(out.busy, ranges(now)), now
	}
	return false, now
}

func stepHold(now []live, in act, out answer) (bool, []live) {
	own := slices.IndexFunc(now, func(l live) bool { return l.who == in.who && !l.booked })
	if own >= 0 && now[own].service == in.service && now[own].start == in.start {
		return out.said == "ok" && out.id == now[own].id, now
	}
	if !fits(now, in.claim, own) {
		return out.said == "taken", now
	}
	next := slices.Clone(now)
	if own >= 0 {
		next = slices.Delete(next, own, own+1)
	}
	next = append(next, live{id: out.id, who: in.who, service: in.service, start: in.start, claim: in.claim})
	return out.said == "ok", sorted(next)
}

// fits tells whether a range is free but for one entry.
func fits(now []live, claim Range, but int) bool {
	for i, l := range now {
		if i != but && l.claim.Overlaps(claim) {
			return false
		}
	}
	return true
}

func change(now []live, at int, may bool, out answer, f func(live) live) (bool, []live) {
	if !may {
		return out.said == "gone", now
	}
	next := slices.Clone(now)
	next[at] = f(next[at])
	return out.said == "ok", sorted(next)
}

func end(now []live, at int, may bool, out answer) (bool, []live) {
	if !may {
		return out.said == "gone", now
	}
	return out.said == "ok", slices.Delete(slices.Clone(now), at, at+1)
}

func sorted(all []live) []live {
	slices.SortFunc(all, func(a, b live) int { return int(a.claim.Start - b.claim.Start) })
	return all
}

func ranges(now []live) []Range {
	out := make([]Range, len(now))
	for i, l := range now {
		out[i] = l.claim
	}
	return out
}
