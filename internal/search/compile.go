package search

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

// compiledQuery is a query in the terms of the columns: every comparison that a listing needs is worked out beforehand.
type compiledQuery struct {
	groups []int32
	near   bool
	at     vector
	within float64                   // squared chord
	bands  [len(withinMiles)]float64 // squared chords
	spot   spot                      // the last that was measured
	tele   bool
	state  uint64 // bit of the patient's state, for telehealth

	kindAsked, genderAsked, languageAsked, accessAsked bool
	kinds, gender                                      uint64 // wanted bits of the first facet word
	spoken, helped, access                             bits
	// bit numbers of the accepted and the refused are offset by it; -1 = any
	payer   int
	price   int32     // cents; 0 = any
	ages    Ages      // of the patient
	anyAge  bool      // nobody said
	part    int       // 0 to 2; -1 = any
	wanted  [3]uint32 // all days of the parts of the day that will do
	knownAt []uuid.UUID

	sort        Sort
	today, from civil.DayNumber
	now         int64
	// windows gives per zone and part of the day the days, from from on, in which a free time counts: what has passed does
	// not.
	windows [][3]uint32
	waiting [slotsSearched]float64
}

// compile fills q, keeping its buffers. A code that the snapshot does not know leaves no groups: nothing is found,
// nothing widened.
func (ix *Index) compile(q *compiledQuery, w *Query, now time.Time) {
	lo := ix.layout
	*q = compiledQuery{
		groups: q.groups[:0], windows: q.windows[:0], spoken: q.spoken, helped: q.helped, access: q.access,
		tele: w.Telehealth, kindAsked: len(w.Kinds) > 0, genderAsked: len(w.Genders) > 0, languageAsked: len(w.Languages) > 0,
		accessAsked: len(w.Access) > 0,
		payer:       -1, price: int32(min(max(w.PriceCents, 0), maxPrice*100)), part: slices.Index(partsInOrder[:], w.Time),
		ages: w.Age.years(), anyAge: w.Age == AnyAge, sort: w.Sort, knownAt: w.KnownAt, today: civil.NumberOf(now),
		now: now.Unix(), waiting: ix.waiting,
	}
	for part := range q.wanted {
		if q.part < 0 || q.part == part {
			q.wanted[part] = ^uint32(0)
		}
	}
	for _, code := range w.Reasons {
		if g, known := ix.lexicon.byCode[code]; known {
			q.groups = append(q.groups, g)
		}
	}
	if w.Near.Text != "" {
		q.locate(lo, w)
	}
	for i := range kinds {
		if slices.Contains(w.Kinds, kinds[i].code) {
			q.kinds |= 1 << (kindBit + i)
		}
	}
	for i := range genders {
		if slices.Contains(w.Genders, genders[i].code) {
			q.gender |= 1 << (genderBit + i)
		}
	}
	if !q.codes(lo, w) {
		q.groups = q.groups[:0]
	}
	q.from = max(w.From, q.today)
	for _, zone := range ix.zones {
		q.windows = append(q.windows, q.window(now.In(zone)))
	}
}

func (q *compiledQuery) locate(lo *layout, w *Query) {
	within := w.Within
	if within == 0 {
		within = defaultWithin
	}
	q.near, q.at, q.within = true, vectorOf(w.Near.Lat, w.Near.Lon), chord2Of(float64(within)*kmPerMile)
	for i, miles := range withinMiles {
		q.bands[i] = chord2Of(float64(miles) * kmPerMile)
	}
	if bit, known := lo.stateAt[w.Near.State]; known {
		q.state = 1 << bit
	}
}

// codes sets what is asked of languages, access and insurance, and reports whether all of it can be met at all.
func (q *compiledQuery) codes(lo *layout, w *Query) bool {
	clear(q.spoken)
	clear(q.helped)
	clear(q.access)
	for _, code := range w.Languages {
		if i, known := slices.BinarySearch(lo.languages, code); known {
			q.spoken.set(lo.spokenBit + i)
			q.helped.set(lo.helpedBit + i)
		}
	}
	for _, code := range w.Access {
		i, known := slices.BinarySearch(lo.access, code)
		if !known {
			return false
		}
		q.access.set(lo.accessBit + i)
	}
	if w.Payer != "" {
		i, known := lo.payerAt[w.Payer]
		if !known {
			return false
		}
		q.payer = i
	}
	return true
}

// window gives the days that still count where it is local o'clock, per part of the day.
func (q *compiledQuery) window(local time.Time) (window [3]uint32) {
	passed := civil.NumberOf(local) - q.from // days of the window before the local today; < 0 if the window begins later
	nowPart := partIndex(local.Hour())
	for part := range window {
		days := uint32(1<<DaysSearched - 1)
		if passed >= 0 {
			days &^= 1<<min(passed, DaysSearched) - 1
			if int32(part) < nowPart {
				days &^= 1 << min(passed, DaysSearched)
			}
		}
		window[part] = days
	}
	return window
}
