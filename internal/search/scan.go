package search

import (
	"math"
)

// scratch is the working memory of one query, kept for the next one.
type scratch struct {
	query   compiledQuery
	walk    walk
	counter counter
	hits    []candidate // of the locations on the page
	top     []locationFound
	room    int // how many locations are wanted
	soonest earliest
}

// candidate is a hit on its way into the page.
type candidate struct {
	score      float64 // by which it is ranked
	group, row int32
}

// locationFound is a location on its way into the page: its best hit, and where all of them stand.
type locationFound struct {
	best     candidate
	from, to int32 // of scratch.hits
}

type earliest struct {
	found      bool
	slot       int32
	at         int64 // noTime if unknown
	score      float64
	group, row int32
}

const noTime = int64(1) << 62

func newScratch(words int) *scratch {
	return &scratch{
		query:   compiledQuery{spoken: make(bits, words), helped: make(bits, words), access: make(bits, words)},
		counter: newCounter(words),
	}
}

// reset makes it ready for a query that wants so many locations.
func (s *scratch) reset(room int) {
	s.counter.reset()
	s.hits, s.top, s.room, s.soonest = s.hits[:0], s.top[:0], room, earliest{}
}

// scan goes through the locations of the reasons asked for, and keeps the best of them.
func (ix *Index) scan(q *compiledQuery, s *scratch) {
	s.walk.begin(ix, q.groups)
	for spans := s.walk.location(); len(spans) > 0; spans = s.walk.location() {
		s.counter.begin()
		from := len(s.hits)
		for i := range spans {
			ix.scanRows(q, s, &spans[i])
		}
		s.counter.end()
		if len(s.hits) > from && !ix.keep(s, from) {
			s.hits = s.hits[:from]
		}
	}
}

// scanRows is the hot loop: about a thousand turns, no map, no allocation.
func (ix *Index) scanRows(q *compiledQuery, s *scratch, at *span) {
	gr, n := at.gr, ix.layout.words
	for i := int(at.from); i < int(at.to); i++ {
		v := ix.judge(q, gr, i)
		if v.fail&(v.fail-1) != 0 {
			continue
		}
		s.counter.add(&v, gr.words[i*n:i*n+n])
		if v.fail != 0 {
			continue
		}
		score := ix.score(q, gr, i, &v)
		if v.slot <= s.soonest.slot || !s.soonest.found {
			ix.considerSoonest(q, &s.soonest, at.group, int32(i), v.slot, score)
		}
		s.hits = append(s.hits, candidate{q.rank(gr, i, &v, score), at.group, int32(i)})
	}
}

// rank is the number by which hits are sorted, the greatest first: the score, or what the patient asked for.
func (q *compiledQuery) rank(gr *group, i int, v *match, score float64) float64 {
	switch r := &gr.rows[i]; {
	case q.sort == Nearest && q.near && !q.tele:
		return -q.spot.chord2
	case q.sort == Cheapest && r.price > 0:
		return -float64(r.price)
	case q.sort == Cheapest:
		return -math.MaxFloat64
	case q.sort == SoonestFirst:
		t := &gr.times[i]
		if t.next >= q.now && t.slot == int32(q.from)*3+v.slot {
			return -float64(v.slot)*secondsOfSlot - float64(t.next-q.now)
		}
		return -float64(v.slot+1) * secondsOfSlot
	}
	return score
}

// secondsOfSlot is more than there are in all days searched, so that an earlier part of a day goes before.
const secondsOfSlot = (DaysKnown + 1) * 24 * 3600

func (ix *Index) score(q *compiledQuery, gr *group, i int, v *match) float64 {
	score := gr.rows[i].merit * q.waiting[v.slot]
	if q.near && !q.tele {
		if q.spot.closeness == 0 {
			q.spot.closeness = ix.weights.closeness(kmOf(q.spot.chord2))
		}
		score *= q.spot.closeness
	}
	if q.anyAge && gr.rows[i].young {
		score *= ix.weights.OnlyYoung
	}
	if q.payer < 0 && !q.languageAsked {
		return score
	}
	state, interpreter := ix.fit(q, gr, i)
	if state == PayerNotStated {
		score *= ix.weights.NotStated
	}
	if interpreter {
		score *= ix.weights.Interpreter
	}
	return score
}

// fit tells how a hit stands to the insurance and the languages asked for.
func (ix *Index) fit(q *compiledQuery, gr *group, i int) (state PayerState, interpreter bool) {
	lo := ix.layout
	words := bits(gr.words[i*lo.words : (i+1)*lo.words])
	if q.payer >= 0 {
		state = PayerNotStated
		if words.has(lo.acceptedBit + q.payer) {
			state = PayerAccepted
		}
	}
	return state, q.languageAsked && !words.meets(q.spoken)
}

// considerSoonest keeps the earliest hit; of two at one time that which ranks first.
func (ix *Index) considerSoonest(q *compiledQuery, e *earliest, g, i, slot int32, score float64) {
	t := &ix.groups[g].times[i]
	at := noTime
	if t.next >= q.now && t.slot == int32(q.from)*3+slot {
		at = t.next
	}
	if e.found && slot == e.slot && (at > e.at || at == e.at &&
		!ix.worse(&candidate{e.score, e.group, e.row}, &candidate{score, g, i})) {
		return
	}
	*e = earliest{true, slot, at, score, g, i}
}
