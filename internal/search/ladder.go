package search

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Step is a way on from an empty page: the wish with one thing given up, or two if one does not help, and what that yields.
type Step struct {
	Label         string
	Query         url.Values
	Count, Places int
}

// maxSteps is how many ways on an empty page offers.
const maxSteps = 3

// relaxation is one thing that might be given up.
type relaxation struct {
	label string
	wish  Wish
}

// ladder is feature 1.10. The order says what we think costs a patient least: time of day, distance and days before choices about
// people, and needs (language, access) last. The reason is never given up. Where no single step helps, two together are tried.
func (ix *Index) ladder(w Wish, now time.Time, s *scratch) []Step {
	w.Page = 1
	singles := ix.relaxations(w, now, s)
	steps := ix.yields(singles, now, s)
	if len(steps) > 0 {
		return steps
	}
	var pairs []relaxation
	for i, one := range singles {
		for _, two := range ix.relaxations(one.wish, now, s) {
			if !slices.ContainsFunc(singles[:i+1], func(r relaxation) bool { return r.label == two.label }) {
				pairs = append(pairs, relaxation{one.label + ", " + lowerFirst(two.label), two.wish})
			}
		}
	}
	return ix.yields(pairs, now, s)
}

// yields keeps the first steps that find something; of two with one yield the earlier, cheaper one is enough if they differ in
// distance only.
func (ix *Index) yields(ways []relaxation, now time.Time, s *scratch) []Step {
	var steps []Step
	wider := false
	for _, way := range ways {
		if len(steps) == maxSteps {
			break
		}
		isWider := way.wish.Within != defaultWithin && way.label == widerLabel(way.wish.Within)
		if isWider && wider {
			continue
		}
		count, places, _ := ix.countIn(s, &way.wish, now)
		if count > 0 {
			steps = append(steps, Step{way.label, way.wish.Query(), count, places})
			wider = wider || isWider
		}
	}
	return steps
}

func widerLabel(miles int) string { return "Within " + strconv.Itoa(miles) + " miles" }

func (ix *Index) relaxations(w Wish, now time.Time, s *scratch) []relaxation {
	var ways []relaxation
	give := func(asked bool, label string, change func(*Wish)) {
		if asked {
			changed := w
			change(&changed)
			ways = append(ways, relaxation{label, changed})
		}
	}
	give(w.Time != AnyTime, "Any time of day", func(w *Wish) { w.Time = AnyTime })
	for _, miles := range withinMiles {
		give(w.Near.Text != "" && !w.Telehealth && miles > cmp.Or(w.Within, defaultWithin), widerLabel(miles), func(w *Wish) { w.Within = miles })
	}
	if _, _, first := ix.countIn(s, &w, now); first != noDay {
		from := min(first, DayOf(now)+DaysKnown-DaysSearched) // the last week we know, if the day lies in it
		give(from > w.From, "From "+from.Long(), func(w *Wish) { w.From = from })
	}
	give(w.PriceCents > 0, "Any price", func(w *Wish) { w.PriceCents = 0 })
	give(len(w.Kinds) > 0, "Any kind of place", func(w *Wish) { w.Kinds = nil })
	give(len(w.Genders) > 0, "Any clinician", func(w *Wish) { w.Genders = nil })
	give(w.Telehealth, "In person as well", func(w *Wish) { w.Telehealth = false })
	give(w.Payer != "", "Any insurance", func(w *Wish) { w.Payer = "" })
	give(len(w.Languages) > 0, "Any language", func(w *Wish) { w.Languages = nil })
	give(len(w.Access) > 0, "Without the access needs", func(w *Wish) { w.Access = nil })
	return ways
}
