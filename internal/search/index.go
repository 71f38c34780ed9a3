package search

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

// Index is an immutable snapshot of the market, safe for any number of readers. Its listings are grouped by reason,
// each group in plain columns that a query walks once; nothing in that walk follows a pointer or looks into a map.
type Index struct {
	lexicon  *lexicon
	zipCodes *gazetteer
	payers   []Payer
	layout   *layout
	weights  Weights
	waiting  [slotsSearched]float64
	listings []Listing
	at       map[uuid.UUID]position
	zones    []*time.Location
	offices  int // distinct locations
	groups   []group
	scratch  *sync.Pool // of *scratch
}

type position struct{ group, row, listing int32 }

// group holds the listings of one reason, in the order of their ids. Only times and generation change between snapshots
// of one build.
type group struct {
	rows       []row
	words      []uint64 // layout.words per row
	times      []times
	generation uint64 // counts the changes of times
}

// row is what a query needs of a listing, apart from the facet words and the times.
type row struct {
	at       vector
	reach    float64 // home care: squared chord of the service area; otherwise < 0
	merit    float64 // satisfaction x response^b, which no query changes
	states   uint64  // telehealth
	price    int32   // cents; 0 = not stated
	listing  int32
	office   int32
	zone     uint8
	takesNew bool
}

// times is an [Availability] as three sets of days, day 0 being base.
type times struct {
	parts [3]uint32
	base  civil.DayNumber
	// next is the first free time (unix seconds, 0 = none) and slot the day and part of day in which it lies.
	next int64
	slot int32
}

// Build makes a snapshot with [CurrentWeights]. It keeps listings and must be their only owner from then on.
func Build(reasons []Reason, places []ZIPCode, payers []Payer, listings []Listing) *Index {
	return build(reasons, places, payers, listings, CurrentWeights)
}

func build(reasons []Reason, places []ZIPCode, payers []Payer, listings []Listing, weights Weights) *Index {
	ix := &Index{
		lexicon: newLexicon(reasons), zipCodes: newGazetteer(places), payers: payers, layout: newLayout(payers, listings),
		weights: weights, waiting: weights.waiting(), listings: listings, at: make(map[uuid.UUID]position, len(listings)),
		groups: make([]group, len(reasons)),
	}
	ix.count()
	order := make([]int32, len(listings))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return bytes.Compare(listings[a].ID[:], listings[b].ID[:]) })
	offices, zones := map[uuid.UUID]int32{}, map[string]uint8{}
	for _, i := range order {
		l := &ix.listings[i]
		g, known := ix.lexicon.byCode[l.Reason]
		if !known {
			continue
		}
		office, known := offices[l.LocationID]
		if !known {
			office = int32(len(offices))
			offices[l.LocationID] = office
		}
		zone, known := zones[l.Zone]
		if !known {
			zone = ix.addZone(l.Zone)
			zones[l.Zone] = zone
		}
		ix.add(g, l, i, office, zone)
	}
	ix.offices = len(offices)
	ix.scratch = &sync.Pool{New: func() any { return newScratch(ix.layout.words, ix.offices) }}
	return ix
}

// count sizes the groups, so that filling them copies nothing twice, and tells the lexicon what is popular.
func (ix *Index) count() {
	for i := range ix.listings {
		if g, known := ix.lexicon.byCode[ix.listings[i].Reason]; known {
			ix.lexicon.listings[g]++
		}
	}
	for g, n := range ix.lexicon.listings {
		ix.groups[g] = group{rows: make([]row, 0, n), words: make([]uint64, 0, n*ix.layout.words), times: make([]times, 0, n)}
	}
}

// addZone keeps at most 256 zones, more than any region has; the ones beyond count as the first.
func (ix *Index) addZone(name string) uint8 {
	if len(ix.zones) > 255 {
		return 0
	}
	ix.zones = append(ix.zones, civil.ZoneOrUTC(name))
	return uint8(len(ix.zones) - 1)
}

func (ix *Index) add(g int32, l *Listing, listing, office int32, zone uint8) {
	gr := &ix.groups[g]
	r := row{
		at: vectorOf(l.Lat, l.Lon), reach: -1, merit: ix.weights.merit(l), states: ix.layout.licensed(l),
		price: int32(min(max(l.PriceCents, 0), maxPrice*100+1)), listing: listing, office: office, zone: zone,
		takesNew: l.AcceptsNew,
	}
	if l.Kind == KindHomeCare {
		r.reach = chord2Of(l.AreaKm)
	}
	ix.at[l.ID] = position{g, int32(len(gr.rows)), listing}
	gr.rows = append(gr.rows, r)
	gr.times = append(gr.times, timesOf(&l.Availability, ix.zones[zone]))
	from := len(gr.words)
	gr.words = append(gr.words, make([]uint64, ix.layout.words)...)
	ix.layout.describe(l, bits(gr.words[from:]))
}

func timesOf(a *Availability, zone *time.Location) times {
	t := times{base: a.BaseDay, next: a.NextAt, slot: -1}
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
		p, known := ix.at[changes[i].Listing]
		if !known {
			continue
		}
		g := &next.groups[p.group]
		if g.generation == ix.groups[p.group].generation {
			g.generation++
			g.times = slices.Clone(g.times)
		}
		g.times[p.row] = timesOf(&changes[i], ix.zones[g.rows[p.row].zone])
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

// Listing is the listing with this id, as it was built. It must not be changed.
func (ix *Index) Listing(id uuid.UUID) (*Listing, bool) {
	p, known := ix.at[id]
	if !known {
		return nil, false
	}
	return &ix.listings[p.listing], true
}

// Weights are those this snapshot ranks with.
func (ix *Index) Weights() Weights { return ix.weights }
