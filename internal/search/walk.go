package search

import "math"

// walk goes through the listings of some reasons place by place: results are places, so what counts and ranks them
// sees each once and needs no table of those it has seen.
type walk struct {
	cursors []cursor
	spans   []span // of the place that it is at
}

// cursor is how far the walk is in one reason.
type cursor struct {
	gr     *group
	group  int32
	next   int32 // of gr.starts
	office int32 // that the next rows are of
}

// span is the rows that one reason has at a place.
type span struct {
	gr              *group
	group, from, to int32
}

// noOffice is greater than the number of every location.
const noOffice = math.MaxInt32

func (w *walk) begin(ix *Index, groups []int32) {
	w.cursors = w.cursors[:0]
	for _, g := range groups {
		c := cursor{gr: &ix.groups[g], group: g}
		c.look()
		w.cursors = append(w.cursors, c)
	}
}

func (c *cursor) look() {
	c.office = noOffice
	if int(c.next) < len(c.gr.starts) {
		c.office = c.gr.rows[c.gr.starts[c.next]].office
	}
}

// place gives the rows at the next place, none at the end; they are good until it is called again.
func (w *walk) place() []span {
	w.spans = w.spans[:0]
	if len(w.cursors) == 1 {
		return w.only(&w.cursors[0])
	}
	office := int32(noOffice)
	for i := range w.cursors {
		office = min(office, w.cursors[i].office)
	}
	if office == noOffice {
		return nil
	}
	for i := range w.cursors {
		c := &w.cursors[i]
		if c.office != office {
			continue
		}
		w.spans = append(w.spans, c.span())
		c.look()
	}
	return w.spans
}

// only is place for a question with one reason.
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
