package search

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"kindward/internal/civil"
)

// Relaxation is a way on from an empty page: the query with one thing given up, or two if one does not help, and what
// that yields.
type Relaxation struct {
	Label     string
	Query     url.Values
	Locations int
}

// maxSteps is how many ways on an empty page offers.
const maxSteps = 7

// maxNeighbors is how many neighboring services an empty page names.
const maxNeighbors = 3

// Neighbors are services that people mean by the same words as a query's, or visits by video where these were asked
// for, each with what it finds; those that find nobody are left out.
func (ix *Index) Neighbors(w Query, now time.Time) (all []Correction) {
	lx := ix.lexicon
	for _, code := range w.Reasons {
		others := lx.neighbors[lx.byCode[code]]
		if w.Telehealth {
			others = slices.Concat(lx.sets["videovisit"], others)
		}
		for _, other := range others {
			r := &lx.reasons[other]
			one := w
			one.Page, one.Reasons, one.Text = 1, []string{r.Code}, lx.canonical[r.Code]
			c := Correction{Field: "reason", Text: r.Name, Query: one.Values()}
			known := func(k Correction) bool { return k.Text == c.Text }
			if len(all) == maxNeighbors || slices.Contains(w.Reasons, r.Code) || slices.ContainsFunc(all, known) {
				continue
			}
			if c.Locations = ix.Count(one, now); c.Locations > 0 {
				all = append(all, c)
			}
		}
	}
	return all
}

// relaxation is one thing that might be given up.
type alternative struct {
	label string
	query Query
}

// relaxations is feature 1.10. The order says what we think costs a patient least: time of day, distance and days
// before choices about people, and needs (language, access) last. The reason is never given up. Where no single step
// helps, two together are tried.
func (ix *Index) relaxations(w Query, now time.Time, s *scratch) []Relaxation {
	w.Page = 1
	singles := ix.alternatives(w, now, s)
	steps := ix.findsAny(singles, now, s)
	if len(steps) > 0 {
		return steps
	}
	var pairs []alternative
	for i, one := range singles {
		for _, two := range ix.alternatives(one.query, now, s) {
			if !slices.ContainsFunc(singles[:i+1], func(r alternative) bool { return r.label == two.label }) {
				pairs = append(pairs, alternative{one.label + ", " + lowerFirst(two.label), two.query})
			}
		}
	}
	return ix.findsAny(pairs, now, s)
}

// findsAny keeps the first steps that find something; of two with one yield the earlier, cheaper one is enough if they
// differ in distance only.
func (ix *Index) findsAny(ways []alternative, now time.Time, s *scratch) []Relaxation {
	var steps []Relaxation
	wider := false
	for _, way := range ways {
		if len(steps) == maxSteps {
			break
		}
		isWider := way.query.Within != defaultWithin && way.label == widerLabel(way.query.Within)
		if isWider && wider {
			continue
		}
		if found, _ := ix.countIn(s, &way.query, now); found > 0 {
			steps = append(steps, Relaxation{way.label, way.query.Values(), found})
			wider = wider || isWider
		}
	}
	return steps
}

func widerLabel(miles int) string { return "Within " + strconv.Itoa(miles) + " miles" }

func (ix *Index) alternatives(w Query, now time.Time, s *scratch) []alternative {
	var ways []alternative
	give := func(asked bool, label string, change func(*Query)) {
		if asked {
			changed := w
			change(&changed)
			ways = append(ways, alternative{label, changed})
		}
	}
	give(w.Time != AnyTime, "Any time of day", func(w *Query) { w.Time = AnyTime })
	for _, miles := range withinMiles {
		give(w.Near.Text != "" && !w.Telehealth && miles > cmp.Or(w.Within, defaultWithin), widerLabel(miles),
			func(w *Query) { w.Within = miles })
	}
	if _, first := ix.countIn(s, &w, now); first != noDay {
		from := min(first, civil.NumberOf(now)+DaysKnown-DaysSearched) // the last week we know, if the day lies in it
		give(from > w.From, "From "+from.Date().Long(), func(w *Query) { w.From = from })
	}
	give(w.PriceCents > 0, "Any price", func(w *Query) { w.PriceCents = 0 })
	give(len(w.Kinds) > 0, "Any kind of place", func(w *Query) { w.Kinds = nil })
	give(len(w.Genders) > 0, "Any clinician", func(w *Query) { w.Genders = nil })
	give(w.Telehealth, "In person as well", func(w *Query) { w.Telehealth = false })
	give(w.Payer != "", "Any insurance", func(w *Query) { w.Payer = "" })
	give(len(w.Languages) > 0, "Any language", func(w *Query) { w.Languages = nil })
	give(len(w.Access) > 0, "Without the access needs", func(w *Query) { w.Access = nil })
	return ways
}
