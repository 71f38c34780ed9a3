package search

import (
	"bytes"
	"cmp"
	mathbits "math/bits"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

// Index is an immutable snapshot of the market, safe for any number of readers. Its listings are grouped by reason,
// each group in plain columns that a query walks once; nothing in that walk follows a pointer or looks into a map.
type Index struct {
	lexicon    *lexicon
	zipCodes   *gazetteer
	payers     []Payer
	layout     *layout
	used       codesUsed // by the listings of now
	weights    Weights
	waiting    [slotsSearched]float64
	at         *idMap[position] // of each listing
	zones      []*time.Location
	zoneAt     map[string]uint8
	locationAt map[uuid.UUID]int32 // the number of each location
	groups     []group
	names      *nameIndex
	scratch    *sync.Pool // of *scratch
}

// position is where a listing is found: in the group of its reason, among those of its location.
type position struct{ group, location int32 }

// group holds the listings of one reason: those of a location side by side, in the order of their ids.
type group struct {
	rows       []row
	starts     []int32  // the first row of each location that has one
	words      []uint64 // layout.words per row
	times      []times
	listings   []*Listing
	generation uint64 // counts its changes since a snapshot was built
}

func newGroup(n, words int) group {
	return group{rows: make([]row, 0, n), words: make([]uint64, 0, n*words), times: make([]times, 0, n),
		listings: make([]*Listing, 0, n)}
}

// find is the row of a listing at a location.
func (gr *group) find(location int32, id uuid.UUID) (row int, there bool) {
	return sort.Find(len(gr.rows), func(i int) int {
		if at := gr.rows[i].location; at != location {
			return cmp.Compare(location, at)
		}
		return bytes.Compare(id[:], gr.listings[i].ID[:])
	})
}

// row is what a query needs of a listing, apart from the facet words and the times.
type row struct {
	at       vector
	reach    float64 // home care: squared chord of the service area; otherwise < 0
	merit    float64 // satisfaction x response^b, which no query changes
	states   uint64  // telehealth
	price    int32   // cents; 0 = not stated
	location int32
	zone     uint8
	ages     Ages
	young    bool // sees no adults, for something that adults come for as well
	takesNew bool
}

// times is an [Availability] as three sets of days, day 0 being base.
type times struct {
	parts [3]uint32
	base  civil.DayNumber
	// next is the first free time (unix seconds, 0 = none) and slot the day and part of day in which it lies.
	next  int64
	slot  int32
	round uint32 // of the sweep in which it was computed
}

// Build makes a snapshot with [CurrentWeights]. It keeps listings and must be their only owner from then on.
func Build(reasons []Reason, zipCodes []ZIPCode, payers []Payer, listings []Listing) *Index {
	all := make([]*Listing, len(listings))
	for i := range listings {
		all[i] = &listings[i]
	}
	return build(reference{reasons, zipCodes, payers}, all, CurrentWeights, asRead)
}

// asRead is the availability that a listing came with.
func asRead(l *Listing) Availability { return l.Availability }

// reference is what all listings share.
type reference struct {
	reasons  []Reason
	zipCodes []ZIPCode
	payers   []Payer
}

// build makes a snapshot of listings and their times.
func build(r reference, listings []*Listing, weights Weights, times func(*Listing) Availability) *Index {
	lx := newLexicon(r.reasons)
	listings = slices.DeleteFunc(slices.Clone(listings), func(l *Listing) bool {
		_, known := lx.byCode[l.Reason]
		return !known
	})
	slices.SortFunc(listings, byLocation)
	used := codesUsed{}
	for _, l := range listings {
		used.count(l, 1)
		lx.listings[lx.byCode[l.Reason]]++
	}
	ix := &Index{
		lexicon: lx, zipCodes: newGazetteer(r.zipCodes), payers: r.payers, layout: newLayout(r.payers, used), used: used,
		weights: weights, waiting: weights.waiting(), at: newIDMap[position](), zoneAt: map[string]uint8{},
		locationAt: map[uuid.UUID]int32{}, groups: make([]group, len(r.reasons)), names: &nameIndex{},
	}
	for g, n := range lx.listings { // so that filling them copies nothing twice
		ix.groups[g] = newGroup(n, ix.layout.words)
	}
	for _, l := range listings {
		if _, known := ix.locationAt[l.LocationID]; !known {
			ix.locationAt[l.LocationID] = int32(len(ix.locationAt))
		}
		g := lx.byCode[l.Reason]
		ix.at.set(l.ID, position{g, ix.locationAt[l.LocationID]})
		ix.add(&ix.groups[g], l, times(l))
	}
	words := ix.layout.words // the pool outlives this snapshot
	ix.scratch = &sync.Pool{New: func() any { return newScratch(words) }}
	return ix
}

// zone keeps at most 256 zones, more than any region has; the ones beyond count as the first.
func (ix *Index) zone(name string) uint8 {
	zone, known := ix.zoneAt[name]
	if !known && len(ix.zones) < 256 {
		zone = uint8(len(ix.zones))
		ix.zones = append(ix.zones, civil.ZoneOrUTC(name))
		ix.zoneAt[name] = zone
	}
	return zone
}

// add puts a listing behind the others of its group, while the snapshot is being made.
func (ix *Index) add(gr *group, l *Listing, a Availability) {
	zone := ix.zone(l.Zone)
	r := row{
		at: vectorOf(l.Lat, l.Lon), reach: -1, merit: ix.weights.merit(l), states: ix.layout.licensed(l),
		price: int32(min(max(l.PriceCents, 0), maxPrice*100+1)), location: ix.locationAt[l.LocationID], zone: zone,
		takesNew: l.AcceptsNew, ages: l.Ages, young: l.Ages.onlyYoung() && !ix.lexicon.children[ix.lexicon.byCode[l.Reason]],
	}
	if l.Kind == KindHomeCare {
		r.reach = chord2Of(l.AreaKm)
	}
	gr.begin(r.location)
	gr.rows, gr.listings = append(gr.rows, r), append(gr.listings, l)
	gr.times = append(gr.times, timesOf(&a, ix.zones[zone]))
	from := len(gr.words)
	gr.words = append(gr.words, make([]uint64, ix.layout.words)...)
	ix.layout.describe(l, bits(gr.words[from:]))
}

// begin notes where a location begins; a row of it comes next.
func (gr *group) begin(location int32) {
	if n := len(gr.rows); n == 0 || gr.rows[n-1].location != location {
		gr.starts = append(gr.starts, int32(n))
	}
}

func timesOf(a *Availability, zone *time.Location) times {
	t := times{base: a.BaseDay, next: a.NextAt, slot: -1, round: a.Round}
	for day, set := range a.Parts {
		for part := range t.parts {
			t.parts[part] |= uint32(set>>part&1) << day
		}
	}
	if a.NextAt != 0 {
		at := time.Unix(a.NextAt, 0).In(zone)
		t.slot = int32(civil.NumberOf(at))*3 + partIndex(at.Hour())
	}
	return t
}

// WithAvailability is the snapshot with other times for some listings; what it does not know is passed over. Only the
// columns of the reasons touched are copied, and readers of the old snapshot see nothing of it.
func (ix *Index) WithAvailability(changes []Availability) *Index {
	next := *ix
	next.groups = slices.Clone(ix.groups)
	for i := range changes {
		at, row, known := ix.position(changes[i].Listing)
		if !known {
			continue
		}
		g := &next.groups[at]
		if g.generation == ix.groups[at].generation {
			g.generation++
			g.times = slices.Clone(g.times)
		}
		g.times[row] = timesOf(&changes[i], ix.zones[g.rows[row].zone])
	}
	return &next
}

// Reason is the reason with this code.
func (ix *Index) Reason(code string) (Reason, bool) {
	i, known := ix.lexicon.byCode[code]
	if !known {
		return Reason{}, false
	}
	return ix.lexicon.reasons[i], true
}

// Listing is the listing with this id, with the availability of when it was put in. It must not be changed.
func (ix *Index) Listing(id uuid.UUID) (*Listing, bool) {
	g, row, known := ix.position(id)
	if !known {
		return nil, false
	}
	return ix.groups[g].listings[row], true
}

// position is where a listing stands in this snapshot.
func (ix *Index) position(id uuid.UUID) (g int32, row int, known bool) {
	at, known := ix.at.get(id)
	if !known {
		return 0, 0, false
	}
	row, known = ix.groups[at.group].find(at.location, id)
	return at.group, row, known
}

// has tells whether the snapshot finds a listing.
func (ix *Index) has(id uuid.UUID) bool {
	_, known := ix.at.get(id)
	return known
}

// nextOf is a listing's next free time, 0 for none.
func (ix *Index) nextOf(id uuid.UUID) int64 {
	g, row, known := ix.position(id)
	if !known {
		return 0
	}
	return ix.groups[g].times[row].next
}

// NextDay is the first day from a day on with a free time in a part of it, as far as is known.
func (ix *Index) NextDay(id uuid.UUID, from civil.DayNumber, part PartOfDay) (day civil.DayNumber, found bool) {
	g, row, known := ix.position(id)
	if !known {
		return 0, false
	}
	t, days := &ix.groups[g].times[row], uint32(0)
	for i, one := range partsInOrder {
		if part == AnyTime || part == one {
			days |= shift(t.parts[i], from-t.base)
		}
	}
	return from + civil.DayNumber(mathbits.TrailingZeros32(days)), days != 0
}

// availability is what the snapshot knows of a listing's times now.
func (ix *Index) availability(id uuid.UUID) Availability {
	g, row, known := ix.position(id)
	if !known {
		return Availability{Listing: id}
	}
	t := &ix.groups[g].times[row]
	a := Availability{Listing: id, BaseDay: t.base, NextAt: t.next, Round: t.round}
	for day := range a.Parts {
		for part, days := range t.parts {
			a.Parts[day] |= uint8(days>>day&1) << part
		}
	}
	return a
}

// Weights are those this snapshot ranks with.
func (ix *Index) Weights() Weights { return ix.weights }
