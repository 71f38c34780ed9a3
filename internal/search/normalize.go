package search

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kindward/internal/civil"
	"kindward/internal/money"
)

// Reading is what we made of a URL.
type Reading struct {
	Query      Query
	Problems   []Problem
	DidYouMean []Correction
	// Ready says that reason and place are understood. Otherwise there is nothing to show but Problems and DidYouMean:
	// a question is never answered as another, wider one.
	Ready bool
}

// Problem is one thing about the question that needs the person's eye. With Ready it tells what was left out.
type Problem struct{ Field, Message string }

// Correction is a question that might have been meant, with what it would find. Matched is the synonym it was found by,
// if any.
type Correction struct {
	Field, Text, Matched string
	Query                url.Values
	Count, Locations     int
}

// maxText is the longest reason or place that we read, in bytes; maxValues the most values of one filter.
const maxText, maxValues = 200, 40

// normalize reads the question from a URL. now must be in the visitor's zone: its date is "today".
// What a filter does not know is left out and reported; what reason or place does not know stops the search.
func (ix *Index) Normalize(q url.Values, now time.Time) Reading {
	r := reader{ix: ix, q: q, today: civil.NumberOf(now)}
	r.Query.Page = 1
	reasonText, nearText := r.text("reason"), r.text("near")
	set, guessed := r.reason(reasonText)
	placed, near := r.near(nearText)
	r.filters()
	if placed && r.Query.Telehealth && r.Query.Near.State == "" {
		placed = false
		r.problem("near", "Enter your town or ZIP. A clinician who sees you by video must be licensed in your state.")
	}
	r.Ready = len(set) > 0 && placed
	if !r.Ready {
		r.correct(guessed, near, now)
	}
	return r.Reading
}

type reader struct {
	Reading
	ix    *Index
	q     url.Values
	today civil.DayNumber
}

func (r *reader) problem(field, message string) {
	r.Problems = append(r.Problems, Problem{field, message})
}

// text is the first value of a parameter that says something.
func (r *reader) text(name string) string {
	for _, v := range r.q[name] {
		if v = strings.TrimSpace(v); v != "" {
			return strings.ToValidUTF8(v, "")
		}
	}
	return ""
}

func (r *reader) reason(text string) (set []int32, guessed []guess) {
	lx := r.ix.lexicon
	switch {
	case text == "":
		r.problem("reason", "Tell us what you need, like a flu shot or a skin check.")
		return nil, nil
	case len(text) > maxText:
		r.problem("reason", "Say what you need in a few words, like a flu shot or a skin check.")
		return nil, nil
	}
	if set, guessed = lx.resolve(text); len(set) > 0 {
		r.Query.Reasons, r.Query.Text = lx.codes(set), lx.canonical[lx.setKey(set)]
		return set, nil
	}
	if len(guessed) == 0 {
		guessed = lx.guesses(text)
	} else {
		guessed = lx.best(guessed)
	}
	if len(guessed) == 0 {
		r.problem("reason", "We do not know “"+text+"”. Try one plain word, like skin, blood or nurse.")
	}
	return nil, guessed
}

func (r *reader) near(text string) (placed bool, choices []Near) {
	if text == "" {
		return true, nil
	}
	if len(text) <= maxText {
		var near Near
		if near, placed, choices = r.ix.zipCodes.locate(text); placed {
			if a := r.ix.zipCodes.takeApart(text); near.ZIP != "" && a.town != "" && a.town != withoutSpaces(fold(near.Town)) {
				r.problem("near", near.ZIP+" is in "+near.Town+". We searched there.")
			}
			r.Query.Near = near
			return true, nil
		}
	}
	if len(choices) == 0 {
		example := ""
		if len(r.ix.zipCodes.towns) > 0 {
			t := r.ix.zipCodes.towns[0]
			example = ", like " + t.near.Town + " or " + t.zips[0]
		}
		r.problem("near", "We do not know that place. Enter a town or ZIP in our region"+example+".")
	}
	return false, choices
}

// correct offers each guess as a whole question, with what it would find. If both fields are in doubt, the best guess
// of the other one stands in, so that one click is enough.
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
			c.Count, c.Locations = r.ix.Count(w, now)
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
	slices.SortStableFunc(r.DidYouMean, func(a, b Correction) int {
		return cmp.Compare(min(b.Count, 1), min(a.Count, 1))
	})
}

func (r *reader) filters() {
	r.from()
	r.Query.Within = defaultWithin
	if v := r.text("within"); v != "" {
		if miles, err := strconv.Atoi(v); err == nil && slices.Contains(withinMiles[:], miles) {
			r.Query.Within = miles
		} else {
			r.problem("within", "Choose a distance of 5, 10, 25 or 50 miles. We searched within 10.")
		}
	}
	if v := r.text("time"); v != "" && v != "any" {
		if _, known := labelIn(parts[:], strings.ToLower(v)); known {
			r.Query.Time = PartOfDay(strings.ToLower(v))
		} else {
			r.problem("time", "Choose before noon, afternoon or after 5 pm. We searched for any time.")
		}
	}
	r.payer()
	r.price()
	switch v := strings.ToLower(r.text("telehealth")); v {
	case "", "0", "no", "off":
	case "1", "yes", "on", "true":
		r.Query.Telehealth = true
	default:
		r.problem("telehealth", "Choose video visits or not. We searched for all visits.")
	}
	r.Query.Kinds = r.list("kind", "kind of place", codesOf(kinds[:]))
	r.Query.Genders = r.list("gender", "choice of clinician", codesOf(genders[:]))
	r.Query.Languages = r.list("language", "language", append(codesOf(languages), r.ix.layout.languages...))
	r.Query.Access = r.list("access", "access need", append(codesOf(access), r.ix.layout.access...))
	if v := r.text("page"); v != "" {
		if n, err := strconv.Atoi(v); err == nil && n >= 1 && n <= MaxPage {
			r.Query.Page = n
		} else {
			r.problem("page", "There are pages 1 to "+strconv.Itoa(MaxPage)+". This is the first.")
		}
	}
}

func codesOf(list []labeled) []string {
	codes := make([]string, len(list))
	for i, l := range list {
		codes[i] = l.code
	}
	return codes
}

// list reads a filter of several values: sorted, without repeats, only what is known.
func (r *reader) list(name, what string, known []string) []string {
	values := r.q[name]
	if len(values) > maxValues {
		values = values[:maxValues]
	}
	var kept []string
	left := 0
	for _, v := range values {
		if v = strings.ToLower(strings.TrimSpace(v)); v == "" {
			continue
		}
		if slices.Contains(known, v) {
			kept = append(kept, v)
		} else {
			left++
		}
	}
	if left > 0 || len(r.q[name]) > maxValues {
		r.problem(name, "We do not know one "+what+" in this link. We searched without it.")
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

func (r *reader) payer() {
	v := fold(r.text("payer"))
	if v == "" {
		return
	}
	for _, p := range r.ix.payers {
		if fold(p.ID) == v || fold(p.Name) == v {
			r.Query.Payer = p.ID
			return
		}
	}
	r.problem("payer", "We do not know that insurance plan. We searched without it.")
}

// maxPrice is in dollars; above it a limit limits nothing.
const maxPrice = 100_000

func (r *reader) price() {
	v := r.text("price")
	if strings.Trim(v, "$, ") == "" {
		return
	}
	price, err := money.ParseWhole(v, money.USD)
	if err != nil || price.Minor < 100 || price.Minor > maxPrice*100 {
		r.problem("price", "Enter a price in whole dollars, like 50. We searched for any price.")
		return
	}
	r.Query.PriceCents = price.Minor
}

// from accepts today up to three weeks ahead, so that the week asked for is one we know.
func (r *reader) from() {
	last := r.today + DaysKnown - DaysSearched
	v := strings.ToLower(r.text("from"))
	date, err := civil.ParseDate(v)
	day := date.Number()
	switch {
	case v == "" || v == "today":
		return
	case v == "tomorrow":
		day = r.today + 1
	case err != nil:
		r.problem("from", "The first day must be a real date, like "+r.today.String()+". We searched from today.")
		return
	}
	switch {
	case day < r.today:
		r.problem("from", day.Date().Long()+" has passed. We searched from today.")
	case day > last:
		r.problem("from", "We know free times four weeks ahead. We searched from "+last.Date().Long()+".")
		r.Query.From = last
	case day > r.today:
		r.Query.From = day
	}
}
