package search

import (
	"slices"
	"time"
)

// elsewhere offers the question near the place of the other box, or anywhere: where it was asked for is no place that
// we know.
func (r *reader) elsewhere(set []int32, guessed []guess, nearText string, now time.Time) Reading {
	r.filters()
	r.hinted()
	if near, placed, _ := r.ix.zipCodes.locate(nearText); placed && len(nearText) <= maxText {
		r.Query.Near = near
	}
	r.Problems = nil
	r.problem("near", "We do not know the place “"+shortened(r.Unplaced)+"”.")
	if text := r.Query.Text; len(set) > 0 && len(guessed) == 0 {
		guessed = []guess{{text: text, reasons: set}}
	}
	r.correct(guessed, nil, now)
	return r.Reading
}

// correct offers each guess as a whole question, with what it would find. If both fields are in doubt, the best guess
// of the other one stands in, so that one click is enough. A reason that
// finds nobody is not offered.
func (r *reader) correct(guessed []guess, near []Near, now time.Time) {
	base := r.Query
	base.Page = 1
	lx := r.ix.lexicon
	withReason := func(w Query, g guess) Query {
		w.Reasons, w.Text = lx.codes(g.reasons), lx.canonical[lx.setKey(g.reasons)]
		return w
	}
	offer := func(field, text, matched string, w Query) {
		c := Correction{Field: field, Text: text, Matched: matched, Query: w.Values()}
		if len(w.Reasons) > 0 {
			c.Locations = r.ix.Count(w, now)
		}
		r.DidYouMean = append(r.DidYouMean, c)
	}
	for _, g := range guessed {
		w := withReason(base, g)
		if len(near) > 0 {
			w.Near = near[0]
		}
		offer("reason", g.text, g.matched, w)
	}
	for _, n := range near {
		w := base
		if len(guessed) > 0 {
			w = withReason(w, guessed[0])
		}
		w.Near = n
		offer("near", n.Text, "", w)
	}
	r.DidYouMean = slices.DeleteFunc(r.DidYouMean,
		func(c Correction) bool { return c.Field == "reason" && c.Locations == 0 })
}

// Meanings are the single services of a question that stands for several, the likeliest first, each with what it finds;
// those that find nobody are left out. It is one for a question with one.
func (ix *Index) Meanings(w Query, now time.Time) (all []Correction) {
	lx := ix.lexicon
	set := lx.sets[withoutSpaces(fold(w.Text))]
	for _, reason := range set {
		one := w
		one.Page = 1
		one.Reasons = lx.codes([]int32{reason})
		one.Text = lx.canonical[one.Reasons[0]]
		c := Correction{Field: "reason", Text: lx.reasons[reason].Name, Query: one.Values()}
		if c.Locations = ix.Count(one, now); c.Locations > 0 {
			all = append(all, c)
		}
	}
	return all
}
