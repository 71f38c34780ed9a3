package search

import (
	"slices"
	"strings"

	"kindward/internal/civil"
)

// Hints are what somebody typed into the box for the reason that belongs elsewhere: "doctor near 02903", "blood test
// tomorrow morning", "spanish speaking dentist".
type Hints struct {
	Rest      string // the words for the reason alone
	Near      string // as it is written in the place box; empty = none was said
	Unplaced  string // what was said for a place and is none that we know
	From      civil.DayNumber
	Days      int // how many days from From on were said: "saturday", "weekend"; 0: no day was, or a week
	Time      PartOfDay
	Age       Age
	Payer     string
	Languages []string
	Genders   []string
	Video     bool
	plan      string // a plan or a kind of plan that no listing can name
}

// Hints takes the place, the day and the plan out of a text. A text that is a phrase as it stands has none: "morning
// after pill", "night nurse".
func (ix *Index) Hints(text string, today civil.DayNumber) Hints {
	folded := fold(text)
	h := hinted{ix: ix, today: today, words: strings.Fields(folded)}
	if !ix.lexicon.isCanonical(folded) {
		h.Age = ageIn(h.words)
	}
	if _, known := ix.lexicon.exactly(withoutSpaces(folded)); known || len(text) > maxText {
		return Hints{Rest: text, Age: h.Age}
	}
	whole := len(h.words)
	h.payer()
	h.place()
	h.day()
	h.people()
	h.unplaced()
	h.video()
	if h.Rest = text; len(h.words) < whole {
		h.Rest = strings.Join(h.words, " ")
	}
	return h.Hints
}

type hinted struct {
	Hints
	ix    *Index
	today civil.DayNumber
	words []string
}

func (h *hinted) cut(from, to int) {
	h.words = append(slices.Clone(h.words[:from]), h.words[to:]...)
}

// word is the word at i, "" beyond the ends.
func (h *hinted) word(i int) string {
	if i < 0 || i >= len(h.words) {
		return ""
	}
	return h.words[i]
}

var (
	// fillers stand before what is taken out, and go with it.
	fillers = setOf("on this next at in the for with by near around close to takes take accepts accept accepting that who " +
		"covered under using through el la este esta proximo por de en con a las del cerca")
)

// before is where the words begin that only lead to the one at i.
func (h *hinted) before(i int) int {
	for i > 0 && fillers[h.words[i-1]] {
		i--
	}
	return i
}

// inPhrase tells whether a word is part of a phrase that the question has whole: "morning sickness".
func (h *hinted) inPhrase(w string) bool {
	lx := h.ix.lexicon
	t, known := lx.tokenAt[compared(w)]
	if !known {
		return false
	}
	asked := lx.ask(lx.wordsIn(strings.Join(h.words, " ")))
	return slices.ContainsFunc(lx.tokens[t].phrases, func(at int32) bool {
		return within(lx.phrases[at].tokens, asked.tokens)
	})
}
