package search

import "math"

// walk goes through the listings of some reasons location by location: results are locations, so what counts and ranks
// them sees each once and needs no table of those it has seen.
type walk struct {
	cursors []cursor
	spans   []span // of the location that it is at
}

// cursor is how far the walk is in one reason.
type cursor struct {
	gr       *group
	group    int32
	next     int32 // of gr.starts
	location int32 // that the next rows are of
}

// span is the rows that one reason has at a location.
type span struct {
	gr              *group
	group, from, to int32
}

// noLocation is greater than the number of every location.
const noLocation = math.MaxInt32

func (w *walk) begin(ix *Index, groups []int32) {
	w.cursors = w.cursors[:0]
	for _, g := range groups {
		c := cursor{gr: &ix.groups[g], group: g}
		c.look()
		w.cursors = append(w.cursors, c)
	}
}

func (c *cursor) look() {
	c.location = noLocation
	if int(c.next) < len(c.gr.starts) {
		c.location = c.gr.rows[c.gr.starts[c.next]].location
	}
}

// location gives the rows at the next location, none at the end; they are good until it is called again.
func (w *walk) location() []span {
	w.spans = w.spans[:0]
	if len(w.cursors) == 1 {
		return w.only(&w.cursors[0])
	}
	location := int32(noLocation)
	for i := range w.cursors {
		location = min(location, w.cursors[i].location)
	}
	if location == noLocation {
		return nil
	}
	for i := range w.cursors {
		c := &w.cursors[i]
		if c.location != location {
			continue
		}
		w.spans = append(w.spans, c.span())
		c.look()
	}
	return w.spans
}

// only is location for a question with one reason.
func (w *walk) only(c *cursor) []span {
	if int(c.next) == len(c.gr.starts) {
		return nil
	}
	w.spans = append(w.spans, c.span())
	return w.spans
}

func (c *cursor) span() span {
	s := span{c.gr, c.group, c.gr.starts[c.next], int32(len(c.gr.rows))}
	if c.next++; int(c.next) < len(c.gr.starts) {
		s.to = c.gr.starts[c.next]
	}
	return s
}
