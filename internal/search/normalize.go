package search

import (
	"net/url"
	"strings"
	"time"

	"kindward/internal/civil"
)

// Reading is what we made of a URL.
type Reading struct {
	Query      Query
	Problems   []Problem
	DidYouMean []Correction
	// Ready says that reason and place are understood. Otherwise there is nothing to show but Problems and DidYouMean:
	// a question is never answered as another, wider one.
	Ready bool
	// Words are those for the reason, without a place or a day that stood among them. Mended is how slips of the finger
	// in them were read, empty if there were none.
	Words, Mended string
	// Asks says that DidYouMean are the meanings of words that we know; otherwise they come near words that we do not.
	// Nobody says that we know the words, and that no place here offers it.
	Asks, Nobody bool
	Emergency    *Emergency
	// Said are the days that were asked for in words, from the first one on; none: no day was.
	Said     civil.DayNumber
	SaidDays int
	// Unplaced is what was said for a place among the words for the reason, and is none that we know.
	Unplaced string
	Names    []Named // places and clinicians that are called so; what is called so is no question for a service
}

// Problem is one thing about the question that needs the person's eye. With Ready it tells what was left out.
type Problem struct{ Field, Message string }

// Correction is a question that might have been meant, with what it would find. Matched is the synonym it was found by,
// if any.
type Correction struct {
	Field, Text, Matched string
	Query                url.Values
	Locations            int
}

// maxText is the longest reason or place that we read, in bytes; maxValues the most values of one filter.
const maxText, maxValues = 200, 40

// Normalize reads the question from a URL. now must be in the visitor's zone: its date is "today".
// What a filter does not know is left out and reported; what reason or place does not know stops the search.
func (ix *Index) Normalize(q url.Values, now time.Time) Reading {
	r := reader{ix: ix, q: q, today: civil.NumberOf(now)}
	r.Query.Page = 1
	reasonText, nearText := r.boxes()
	set, guessed := r.reason(reasonText)
	if r.Unplaced = r.hints.Unplaced; r.Unplaced != "" && r.Emergency == nil {
		return r.elsewhere(set, guessed, nearText, now)
	}
	if r.hints.Near != "" {
		nearText = r.hints.Near
	}
	placed, near := r.near(nearText)
	if r.hints.Near != "" && len(near) == 1 {
		placed, r.Query.Near = true, near[0]
		r.problem("near", "We took “"+nearText+"” to mean "+near[0].Text+".")
	}
	r.filters()
	r.hinted()
	if placed && r.Query.Telehealth && r.Query.Near.State == "" {
		placed = false
		r.problem("near", "Enter your town or ZIP. A clinician who sees you by video must be licensed in your state.")
	}
	r.Ready = len(set) > 0 && placed && r.Emergency == nil
	if !r.Ready {
		if r.Emergency != nil {
			guessed = append(ix.lexicon.each(set), guessed...)
		}
		r.correct(guessed, near, now)
		r.settle(guessed, placed)
	}
	return r.Reading
}

// settle makes the likeliest meaning the question if none of them finds anybody: its page says so, and leads on.
func (r *reader) settle(guessed []guess, placed bool) {
	if len(r.DidYouMean) > 0 || len(guessed) == 0 || !placed || r.Emergency != nil || !r.Asks || len(r.Names) > 0 {
		return
	}
	lx := r.ix.lexicon
	r.Query.Reasons = lx.codes(guessed[0].reasons)
	r.Query.Text, r.Ready = lx.canonical[lx.setKey(guessed[0].reasons)], true
}

type reader struct {
	Reading
	ix    *Index
	q     url.Values
	today civil.DayNumber
	hints Hints
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

// boxes gives the texts for the reason and the place; each is understood in the other's box.
func (r *reader) boxes() (reason, near string) {
	reason, near = r.text("reason"), r.text("near")
	isNear := func(text string) bool {
		return text != "" && len(text) <= maxText && r.ix.zipCodes.knows(text)
	}
	isReason := func(text string) bool {
		u := r.ix.lexicon.understand(text)
		return len(u.set) > 0 || len(u.choices) > 0 && !u.closest
	}
	switch {
	case isNear(reason) && !isNear(near) && (near == "" || isReason(near)):
		return near, reason
	case reason == "" && near != "" && !isNear(near) && len(near) <= maxText:
		if hints := r.ix.Hints(near, r.today); isReason(hints.Rest) {
			return near, ""
		}
	}
	return reason, near
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
	r.Emergency = lx.emergency(text)
	r.hints = r.ix.Hints(text, r.today)
	r.Words = r.hints.Rest
	if fold(r.Words) == "" {
		r.problem("reason", "Tell us what you need, like a flu shot or a skin check.")
		return nil, nil
	}
	u := lx.understand(r.Words)
	if _, known := lx.exactly(withoutSpaces(fold(text))); !known && r.Emergency == nil {
		r.Names = r.called(text)
	}
	r.Mended, r.Asks, r.Nobody = u.mended, !u.closest, u.nobody
	if len(u.set) > 0 && len(r.Names) == 0 {
		r.Query.Reasons, r.Query.Text = lx.codes(u.set), lx.canonical[lx.setKey(u.set)]
		return u.set, nil
	}
	if guessed = append(lx.each(u.set), u.choices...); len(guessed) == 0 && len(r.Names) == 0 && r.Emergency == nil {
		r.unknown()
	}
	return nil, guessed
}

// called gives the places and clinicians with that name, whatever place or day was said with it.
func (r *reader) called(text string) []Named {
	if found := r.ix.calledSo(text); len(found) > 0 || r.Words == text {
		return found
	}
	return r.ix.calledSo(r.Words)
}

func (r *reader) unknown() {
	if r.Nobody {
		r.problem("reason", "Nobody here offers “"+r.Words+"”.")
		return
	}
	r.problem("reason", "We do not know “"+r.Words+"”. Try one plain word, like skin, blood or nurse.")
}

// hinted adds what the words for the reason said besides: it is newer than what the other boxes had.
func (r *reader) hinted() {
	h := &r.hints
	if h.From > 0 {
		if r.Query.From = min(h.From, r.today+DaysKnown-DaysSearched); h.From >= r.today+DaysKnown {
			r.problem("from", "Free times are known four weeks ahead. These are the last of them.")
		}
		r.Said, r.SaidDays = h.From, h.Days
	}
	if r.Query.From == r.today {
		r.Query.From = 0
	}
	if h.Time != AnyTime {
		r.Query.Time = h.Time
	}
	if h.Age != AnyAge {
		r.Query.Age = h.Age
	}
	if h.Payer != "" {
		r.Query.Payer = h.Payer
	}
	if len(h.Languages) > 0 {
		r.Query.Languages = h.Languages
	}
	if h.Video {
		r.Query.Telehealth = true
	}
	if len(h.Genders) > 0 {
		r.Query.Genders = h.Genders
	}
	if h.plan != "" && h.Payer == "" {
		r.problem("payer", "Choose your plan under Insurance: “"+h.plan+"” names none of those that places here have told us about.")
	}
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
		r.problem("near", "We do not know the place “"+shortened(text)+"”. Enter a town or ZIP in our region"+example+".")
	}
	return false, choices
}

// shortened is a text that fits into a sentence.
func shortened(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}
