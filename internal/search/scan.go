package search

import (
	"bytes"
	"cmp"
	"math"
	mathbits "math/bits"
	"slices"

	"kindward/internal/civil"
)

// scratch is the working memory of one query, kept for the next one.
type scratch struct {
	query   compiledQuery
	counter counter
	offices []uint64 // a bit per location seen among the hits
	all     []candidate
	places  []candidate // the best of each location
	placeAt []int32     // per location its number in places, from 1; 0 = none
	top     []candidate
	room    int // how many hits are wanted
	soonest earliest
}

// candidate is a hit on its way into the page.
type candidate struct {
	score              float64 // by which it is ranked
	group, row, office int32
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

// reset makes it ready for a query over so many locations.
func (s *scratch) reset(room, offices int) {
	s.counter.reset()
	if n := (offices + 63) / 64; n > len(s.offices) {
		s.offices = make([]uint64, n)
	} else {
		clear(s.offices)
	}
	s.all, s.places = s.all[:0], s.places[:0]
	if offices > len(s.placeAt) {
		s.placeAt = make([]int32, offices)
	} else if room > 0 {
		clear(s.placeAt)
	}
	s.top, s.room, s.soonest = s.top[:0], room, earliest{}
}

func (s *scratch) sawOffice(office int32) { s.offices[office/64] |= 1 << (office % 64) }

func (s *scratch) locations() (n int) {
	for _, w := range s.offices {
		n += mathbits.OnesCount64(w)
	}
	return n
}

// scan walks the listings of one reason. This is the hot loop: about a thousand turns, no map, no allocation.
func (ix *Index) scan(q *compiledQuery, s *scratch, g int32) {
	gr := &ix.groups[g]
	n := ix.layout.words
	for i := range gr.rows {
		v := ix.judge(q, gr, i)
		if v.fail&(v.fail-1) != 0 {
			continue
		}
		s.counter.add(&v, gr.words[i*n:i*n+n])
		if v.fail != 0 {
			continue
		}
		score := ix.score(q, gr, i, &v)
		s.sawOffice(gr.rows[i].office)
		if v.slot <= s.soonest.slot || !s.soonest.found {
			s.soonest.consider(q, gr, g, int32(i), v.slot, score)
		}
		ix.note(s, candidate{q.rank(gr, i, &v, score), g, int32(i), gr.rows[i].office})
	}
}

// note keeps a hit, and the best one of each place.
func (ix *Index) note(s *scratch, c candidate) {
	s.all = append(s.all, c)
	switch at := s.placeAt[c.office]; {
	case at == 0:
		s.places = append(s.places, c)
		s.placeAt[c.office] = int32(len(s.places))
	case ix.worse(&s.places[at-1], &c):
		s.places[at-1] = c
	}
}

// rank is the number by which hits are sorted, the greatest first: the score, or what the patient asked for.
func (q *compiledQuery) rank(gr *group, i int, v *match, score float64) float64 {
	switch r := &gr.rows[i]; {
	case q.sort == Nearest && q.near && !q.tele:
		return -v.chord2
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
		score *= ix.weights.closeness(kmOf(v.chord2))
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

func (e *earliest) consider(q *compiledQuery, gr *group, g, i, slot int32, score float64) {
	t := &gr.times[i]
	at := noTime
	if t.next >= q.now && t.slot == int32(q.from)*3+slot {
		at = t.next
	}
	if e.found && slot == e.slot && (at > e.at || at == e.at && score <= e.score) {
		return
	}
	*e = earliest{true, slot, at, score, g, i}
}

// worse orders candidates: by score, and of equal ones the one with the greater id is worse.
func (ix *Index) worse(a, b *candidate) bool {
	if a.score != b.score {
		return a.score < b.score
	}
	x, y := &ix.groups[a.group].listings[a.row].ID, &ix.groups[b.group].listings[b.row].ID
	return bytes.Compare(x[:], y[:]) > 0
}

// consider keeps the best room candidates in a heap with the worst of them on top.
func (ix *Index) consider(s *scratch, c candidate) {
	if len(s.top) == s.room {
		if !ix.worse(&s.top[0], &c) {
			return
		}
		s.top[0] = c
		ix.sink(s.top)
		return
	}
	s.top = append(s.top, c)
	for at := len(s.top) - 1; at > 0; {
		up := (at - 1) / 2
		if !ix.worse(&s.top[at], &s.top[up]) {
			return
		}
		s.top[at], s.top[up] = s.top[up], s.top[at]
		at = up
	}
}

func (ix *Index) sink(heap []candidate) {
	for at := 0; ; {
		least := at
		for child := 2*at + 1; child <= 2*at+2 && child < len(heap); child++ {
			if ix.worse(&heap[child], &heap[least]) {
				least = child
			}
		}
		if least == at {
			return
		}
		heap[at], heap[least] = heap[least], heap[at]
		at = least
	}
}

// hits turns the candidates into what a page shows.
func (ix *Index) hits(q *compiledQuery, s *scratch) []Hit {
	if len(s.top) == 0 {
		return nil
	}
	slices.SortFunc(s.top, func(a, b candidate) int {
		if ix.worse(&b, &a) {
			return -1
		}
		return 1
	})
	hits := make([]Hit, len(s.top))
	for i, c := range s.top {
		gr := &ix.groups[c.group]
		v := ix.judge(q, gr, int(c.row))
		h := Hit{Listing: gr.listings[c.row], Km: -1, Score: ix.score(q, gr, int(c.row), &v), NextAt: gr.times[c.row].next}
		h.Day, h.Part = q.from+civil.DayNumber(v.slot/3), partsInOrder[v.slot%3]
		h.Payer, h.Interpreter = ix.fit(q, gr, int(c.row))
		if q.near {
			h.Km = kmOf(v.chord2)
		}
		if h.NextAt < q.now {
			h.NextAt = 0
		}
		hits[i] = h
	}
	ix.addOthers(s, hits)
	return hits
}

// addOthers gives each hit the other listings at its place, all in one block of memory.
func (ix *Index) addOthers(s *scratch, hits []Hit) {
	clear(s.placeAt)
	for i, c := range s.top {
		s.placeAt[c.office] = int32(i + 1)
	}
	shown := s.all[:0]
	for _, c := range s.all {
		if at := s.placeAt[c.office]; at > 0 && (c.group != s.top[at-1].group || c.row != s.top[at-1].row) {
			shown = append(shown, c)
		}
	}
	slices.SortFunc(shown, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(s.placeAt[a.office], s.placeAt[b.office]), cmp.Compare(b.score, a.score),
			byID(ix.groups[a.group].listings[a.row], ix.groups[b.group].listings[b.row]))
	})
	others := make([]*Listing, len(shown))
	from := 0
	for to, c := range shown {
		others[to] = ix.groups[c.group].listings[c.row]
		if to+1 == len(shown) || shown[to+1].office != c.office {
			hits[s.placeAt[c.office]-1].Others = others[from : to+1 : to+1]
			from = to + 1
		}
	}
}

func (ix *Index) soonest(q *compiledQuery, e *earliest) Soonest {
	gr := &ix.groups[e.group]
	found := Soonest{Listing: gr.listings[e.row], Day: q.from + civil.DayNumber(e.slot/3),
		Part: partsInOrder[e.slot%3], Km: -1}
	if e.at != noTime {
		found.At = e.at
	}
	if q.near {
		found.Km = kmOf(gr.rows[e.row].at.chord2(q.at))
	}
	return found
}
