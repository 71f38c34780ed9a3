package search

import (
	mathbits "math/bits"
	"slices"
	"time"

	"kindward/internal/civil"
)

// Page is the answer to a query. It is shared between readers when it comes from [Live]: it must not be changed.
type Page struct {
	Query       Query
	Today, From civil.DayNumber
	Hits        []Hit // a place each, best first: all pages up to Query.Page, PageSize each
	Locations   int   // how many places are found
	Soonest     Soonest
	Facets      Facets
	Relaxations []Relaxation // ways on when nothing was found
	Weights     string       // version of the weights it was ranked with
	weights     Weights
}

// Soonest is the earliest free time among all results, as far as the summaries tell: whoever shows a time of day checks
// it with the slot function first.
type Soonest struct {
	Listing *Listing // nil if there are no results
	Day     civil.DayNumber
	Part    PartOfDay
	At      int64 // unix seconds; 0 = only day and part of day are known
	Km      float64
}

// Latest are the hits that the last page added.
func (p *Page) Latest() []Hit {
	return p.Hits[min(len(p.Hits), (max(p.Query.Page, 1)-1)*PageSize):]
}

// More is how many results the next page would add; 0 means that there is none.
func (p *Page) More() int {
	if p.Query.Page >= MaxPage {
		return 0
	}
	return min(p.Locations-len(p.Hits), PageSize)
}

// Search answers a query. now must be in the visitor's zone, like in [Index.Normalize].
func (ix *Index) Search(w Query, now time.Time) Page {
	w.Page = min(max(w.Page, 1), MaxPage)
	s := ix.scratch.Get().(*scratch)
	defer ix.scratch.Put(s)
	s.reset(w.Page * PageSize)
	q := &s.query
	ix.compile(q, &w, now)
	s.counter.compile(ix.layout)
	ix.scan(q, s)
	page := Page{Query: w, Today: q.today, From: q.from, Locations: s.counter.locations,
		Weights: ix.weights.Version, weights: ix.weights}
	page.Hits = ix.results(q, s)
	if s.soonest.found {
		page.Soonest = ix.soonest(q, &s.soonest)
	}
	page.Facets = ix.facets(&w, q, &s.counter)
	if page.Locations == 0 {
		page.Relaxations = ix.relaxations(w, now, s)
	}
	return page
}

// Count is how many places a query finds; it ranks nothing.
func (ix *Index) Count(w Query, now time.Time) int {
	s := ix.scratch.Get().(*scratch)
	defer ix.scratch.Put(s)
	locations, _ := ix.countIn(s, &w, now)
	return locations
}

const (
	noSlot = int32(1) << 20
	noDay  = civil.DayNumber(1 << 30)
)

// countIn also tells, of a query that finds nothing, the first day after the ones searched on which a listing that
// meets everything else is free, or noDay.
func (ix *Index) countIn(s *scratch, w *Query, now time.Time) (locations int, first civil.DayNumber) {
	q := &s.query
	ix.compile(q, w, now)
	best := noSlot
	s.walk.begin(ix, q.groups)
	for spans := s.walk.location(); len(spans) > 0; spans = s.walk.location() {
		if ix.anyHit(q, spans, &best) {
			locations++
		}
	}
	if first = noDay; best != noSlot && locations == 0 {
		first = q.from + civil.DayNumber(best/3)
	}
	return locations, first
}

// anyHit tells whether a place has a hit; of places without one, later becomes the first slot after the days searched.
func (ix *Index) anyHit(q *compiledQuery, spans []span, later *int32) bool {
	for i := range spans {
		gr := spans[i].gr
		for row := int(spans[i].from); row < int(spans[i].to); row++ {
			switch v := ix.judge(q, gr, row); v.fail {
			case 0:
				return true
			case failTime:
				*later = min(*later, ix.laterSlot(q, gr, row))
			}
		}
	}
	return false
}

// laterSlot is the first slot of the row after the window asked for, counted from its first day.
func (ix *Index) laterSlot(q *compiledQuery, gr *group, i int) int32 {
	t := &gr.times[i]
	best := noSlot
	for part, days := range t.parts {
		if q.part >= 0 && q.part != part {
			continue
		}
		if days = shift(days, q.from-t.base) &^ (1<<DaysSearched - 1); days != 0 {
			best = min(best, int32(mathbits.TrailingZeros32(days))*3+int32(part))
		}
	}
	return best
}

// The ways in which a listing can miss a query. One that misses by one of them only still counts in that one's facet.
const (
	failNear = 1 << iota
	failTime
	failKind
	failPayer
	failPrice
	failLanguage
	failGender
	failAge
	failGate = 1<<hit - 1 // counts nowhere
)

// match is how a listing stands to a question.
type match struct {
	fail     uint8
	band     uint8 // the first of withinMiles that it is within; len(withinMiles) = none
	free     uint8 // bit per part of the day with a free time among the days searched
	licensed bool  // by video for this patient
	slot     int32 // first free part of a day that counts, from the first day asked for: day*3+part
}

func (ix *Index) judge(q *compiledQuery, gr *group, i int) (v match) {
	r := &gr.rows[i]
	n := ix.layout.words
	words := bits(gr.words[i*n : i*n+n])
	v.licensed = r.states&q.state != 0
	if !r.takesNew && !q.knows(gr.listings[i]) || q.tele && !v.licensed || q.accessAsked && !words.covers(q.access) {
		v.fail = failGate
		return v
	}
	if q.near {
		if r.at != q.spot.at {
			q.measure(r.at)
		}
		if !q.distance(r, &v) {
			v.fail = failNear
		}
	}
	if q.kindAsked && words[0]&q.kinds == 0 {
		v.fail |= failKind
	}
	if q.genderAsked && words[0]&q.gender == 0 {
		v.fail |= failGender
	}
	if !r.ages.meet(q.ages) {
		v.fail |= failAge
	}
	if q.price > 0 && (r.price == 0 || r.price > q.price) {
		v.fail |= failPrice
	}
	if q.payer >= 0 && !words.has(ix.layout.openBit+q.payer) {
		v.fail |= failPayer
	}
	if q.languageAsked && !words.meets(q.helped) {
		v.fail |= failLanguage
	}
	if !q.times(&gr.times[i], &q.windows[r.zone], &v) {
		v.fail |= failTime
	}
	return v
}

// spot is how far a point is from the patient; the listings of a place have one, and it is worked out once.
type spot struct {
	at                vector
	chord2, closeness float64 // closeness 0 = not worked out yet
	band              uint8   // the first of withinMiles that it is within; len(withinMiles) = none
}

func (q *compiledQuery) measure(at vector) {
	q.spot = spot{at: at, chord2: at.chord2(q.at)}
	for _, limit := range q.bands {
		if q.spot.chord2 > limit {
			q.spot.band++
		}
	}
}

// distance is feature 1.4: a patient goes to a clinic or lab within her radius, home care comes if she lives inside its
// area, and for a video visit distance does not matter.
func (q *compiledQuery) distance(r *row, v *match) bool {
	switch {
	case q.tele:
		return true
	case r.reach >= 0:
		if q.spot.chord2 <= r.reach {
			return true
		}
		v.band = uint8(len(q.bands))
		return false
	}
	v.band = q.spot.band
	return q.spot.chord2 <= q.within
}

func (q *compiledQuery) times(t *times, window *[3]uint32, v *match) bool {
	by := q.from - t.base
	am, pm, eve := shift(t.parts[0], by)&window[0], shift(t.parts[1], by)&window[1], shift(t.parts[2], by)&window[2]
	v.free = oneIfAny(am) | oneIfAny(pm)<<1 | oneIfAny(eve)<<2
	v.slot = min( // an empty set has 32 zeros in front, later than any slot searched
		int32(mathbits.TrailingZeros32(am&q.wanted[0]))*3,
		int32(mathbits.TrailingZeros32(pm&q.wanted[1]))*3+1,
		int32(mathbits.TrailingZeros32(eve&q.wanted[2]))*3+2)
	return v.slot < slotsSearched
}

func oneIfAny(days uint32) uint8 { return uint8((days | -days) >> 31) }

// shift moves day 0 of a set of days by this many days; days before it fall away.
func shift(days uint32, by civil.DayNumber) uint32 {
	if by >= 0 {
		return days >> by
	}
	return days << -by
}

// knows is feature 1.8: a listing that takes no new patients is open to those who have been there before.
func (q *compiledQuery) knows(l *Listing) bool {
	return len(q.knownAt) > 0 && slices.Contains(q.knownAt, l.Tenant)
}
