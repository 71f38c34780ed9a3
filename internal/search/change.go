package search

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// withListings is the snapshot with other listings: those of put are added or take the place of their former selves,
// those of gone are taken out; their availability is what put says. It answers like a snapshot that was built of the
// result, with one exception: a language, a feature or a state of telehealth that none had before is not asked for, and
// one that none has any more still is, until a snapshot is built ([Index.fits]). It costs what the reasons touched
// hold; readers of the old snapshot see nothing of it.
func (ix *Index) withListings(put []*Listing, gone []uuid.UUID) *Index {
	next := *ix
	next.groups, next.at, next.used = slices.Clone(ix.groups), ix.at.fork(), maps.Clone(ix.used)
	next.zones, next.zoneAt, next.locationAt = slices.Clone(ix.zones), maps.Clone(ix.zoneAt), ix.locationAt
	next.names = &nameIndex{}
	lx := *ix.lexicon
	lx.listings = slices.Clone(lx.listings)
	next.lexicon = &lx
	edits := map[int32]*groupEdit{}
	for _, id := range gone {
		next.takeOut(id, edits)
	}
	for _, l := range put {
		next.takeOut(l.ID, edits)
		next.putIn(l, edits)
	}
	for g, e := range edits {
		next.groups[g] = next.edited(&ix.groups[g], e)
	}
	return &next
}

// groupEdit is what becomes of one group.
type groupEdit struct {
	out map[uuid.UUID]bool // of those in it
	put []*Listing
}

func editOf(edits map[int32]*groupEdit, g int32) *groupEdit {
	e := edits[g]
	if e == nil {
		e = &groupEdit{out: map[uuid.UUID]bool{}}
		edits[g] = e
	}
	return e
}

// takeOut is for a snapshot that is being made: its groups are still the old one's.
func (ix *Index) takeOut(id uuid.UUID, edits map[int32]*groupEdit) {
	at, known := ix.at.get(id)
	if !known {
		return
	}
	g := at.group
	if row, there := ix.groups[g].find(at.location, id); there {
		ix.used.count(ix.groups[g].listings[row], -1)
		editOf(edits, g).out[id] = true
	}
	ix.lexicon.listings[g]--
	ix.at.remove(id)
}

func (ix *Index) putIn(l *Listing, edits map[int32]*groupEdit) {
	g, known := ix.lexicon.byCode[l.Reason]
	if !known {
		return
	}
	if _, known := ix.locationAt[l.LocationID]; !known {
		ix.locationAt = maps.Clone(ix.locationAt)
		ix.locationAt[l.LocationID] = int32(len(ix.locationAt))
	}
	e := editOf(edits, g)
	e.put = append(e.put, l)
	ix.used.count(l, 1)
	ix.lexicon.listings[g]++
	ix.at.set(l.ID, position{g, ix.locationAt[l.LocationID]})
}

// edited is a group with a change, in the same order.
func (ix *Index) edited(old *group, e *groupEdit) group {
	n := ix.layout.words
	next := newGroup(len(old.rows)-len(e.out)+len(e.put), n)
	next.generation = old.generation + 1
	location := func(l *Listing) int32 { return ix.locationAt[l.LocationID] }
	slices.SortFunc(e.put, func(a, b *Listing) int { return cmp.Or(cmp.Compare(location(a), location(b)), byID(a, b)) })
	put := e.put
	for i, l := range old.listings {
		if e.out[l.ID] {
			continue
		}
		for len(put) > 0 && cmp.Or(cmp.Compare(location(put[0]), old.rows[i].location), byID(put[0], l)) < 0 {
			ix.add(&next, put[0], put[0].Availability)
			put = put[1:]
		}
		next.begin(old.rows[i].location)
		next.rows, next.times = append(next.rows, old.rows[i]), append(next.times, old.times[i])
		next.words = append(next.words, old.words[i*n:(i+1)*n]...)
		next.listings = append(next.listings, l)
	}
	for _, l := range put {
		ix.add(&next, l, l.Availability)
	}
	return next
}

func byID(a, b *Listing) int { return bytes.Compare(a.ID[:], b.ID[:]) }

// byLocation brings the listings of a location together.
func byLocation(a, b *Listing) int {
	return cmp.Or(bytes.Compare(a.LocationID[:], b.LocationID[:]), byID(a, b))
}

// fits reports that a snapshot built of the same listings would ask for the same languages, features and states.
func (ix *Index) fits() bool {
	return maps.EqualFunc(ix.used, ix.layout.used, func(_, _ int) bool { return true })
}
