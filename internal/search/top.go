package search

import (
	"bytes"
	"slices"

	"kindward/internal/civil"
)

// worse orders candidates: by score, and of equal ones the one with the greater id is worse.
func (ix *Index) worse(a, b *candidate) bool {
	if a.score != b.score {
		return a.score < b.score
	}
	x, y := &ix.groups[a.group].listings[a.row].ID, &ix.groups[b.group].listings[b.row].ID
	return bytes.Compare(x[:], y[:]) > 0
}

// keep takes the location whose hits stand from there on if it is among the best so far.
func (ix *Index) keep(s *scratch, from int) bool {
	p := locationFound{s.hits[from], int32(from), int32(len(s.hits))}
	for i := from + 1; i < len(s.hits); i++ {
		if c := &s.hits[i]; ix.worse(&p.best, c) {
			p.best = *c
		}
	}
	if len(s.top) < s.room {
		s.top = append(s.top, p)
		ix.rise(s.top)
		return true
	}
	if s.room == 0 || !ix.worse(&s.top[0].best, &p.best) {
		return false
	}
	s.top[0] = p
	ix.sink(s.top)
	return true
}

// rise and sink keep a heap with the worst location on top.
func (ix *Index) rise(heap []locationFound) {
	for at := len(heap) - 1; at > 0; {
		up := (at - 1) / 2
		if !ix.worse(&heap[at].best, &heap[up].best) {
			return
		}
		heap[at], heap[up] = heap[up], heap[at]
		at = up
	}
}

func (ix *Index) sink(heap []locationFound) {
	for at := 0; ; {
		least := at
		for child := 2*at + 1; child <= 2*at+2 && child < len(heap); child++ {
			if ix.worse(&heap[child].best, &heap[least].best) {
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

// results turns the locations kept into what a page shows.
func (ix *Index) results(q *compiledQuery, s *scratch) []Hit {
	if len(s.top) == 0 {
		return nil
	}
	slices.SortFunc(s.top, func(a, b locationFound) int {
		if ix.worse(&b.best, &a.best) {
			return -1
		}
		return 1
	})
	hits := make([]Hit, len(s.top))
	for i := range s.top {
		hits[i] = ix.hit(q, &s.top[i].best)
	}
	ix.addOthers(s, hits)
	return hits
}

func (ix *Index) hit(q *compiledQuery, c *candidate) Hit {
	gr, row := &ix.groups[c.group], int(c.row)
	v := ix.judge(q, gr, row)
	h := Hit{Listing: gr.listings[row], Km: -1, Score: ix.score(q, gr, row, &v), NextAt: gr.times[row].next}
	h.Day, h.Part = q.from+civil.DayNumber(v.slot/3), partsInOrder[v.slot%3]
	h.Payer, h.Interpreter = ix.fit(q, gr, row)
	if q.near {
		h.Km = kmOf(q.spot.chord2)
	}
	if h.NextAt < q.now {
		h.NextAt = 0
	}
	return h
}

// addOthers gives each hit the other listings at its location, all in one block of memory.
func (ix *Index) addOthers(s *scratch, hits []Hit) {
	n := 0
	for i := range s.top {
		n += int(s.top[i].to-s.top[i].from) - 1
	}
	others := make([]*Listing, 0, n)
	for i := range s.top {
		p, from := &s.top[i], len(others)
		all := s.hits[p.from:p.to]
		ix.bestFirst(all, 1+OthersRanked)
		for _, c := range all[1:] {
			others = append(others, ix.groups[c.group].listings[c.row])
		}
		if len(all) > 1 {
			hits[i].Others = others[from:len(others):len(others)]
		}
	}
}

// bestFirst brings the best n of some candidates to the front, best first; that costs one comparison for most others.
func (ix *Index) bestFirst(all []candidate, n int) {
	for i, c := range all {
		at := min(i, n)
		for at > 0 && ix.worse(&all[at-1], &c) {
			at--
		}
		if last := min(i, n-1); at <= last {
			all[i] = all[last]
			copy(all[at+1:last+1], all[at:last])
			all[at] = c
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
