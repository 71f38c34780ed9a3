package search

import (
	"slices"
	"strings"
)

var whereWords = setOf("near in around by at close cerca en to")

// place takes a ZIP wherever it stands, a town behind a word like "near", or a town at the end.
func (h *hinted) place() {
	for i, w := range h.words {
		if allDigits(w) && len(w) == 5 {
			to := i + 1
			if next := h.word(to); allDigits(next) && len(next) == 4 {
				to++
			}
			h.Near = w
			from := h.townBefore(i)
			h.cut(h.before(from), to)
			return
		}
	}
	for i := range h.words {
		if !whereWords[h.words[i]] {
			continue
		}
		for to := min(len(h.words), i+6); to > i+1; to-- {
			if !h.goesOn(to) && h.isNear(h.words[i+1:to], true) {
				h.cut(h.before(i+1), to)
				return
			}
		}
	}
	for from := max(0, len(h.words)-4); from < len(h.words); from++ {
		if h.isNear(h.words[from:], false) {
			h.cut(h.before(from), len(h.words))
			return
		}
	}
}

// goesOn tells whether a name goes on at i, as that of something else than a town: "providence place mall".
func (h *hinted) goesOn(i int) bool {
	for to := i; to < min(len(h.words), i+3); to++ {
		next := h.word(to + 1)
		_, day := dayWords[next]
		if placeNouns[h.words[to]] && (next == "" || day || placeEnds[next]) {
			return true
		}
	}
	return false
}

// townBefore is where the town's name begins that stands before a ZIP.
func (h *hinted) townBefore(zip int) int {
	for from := max(0, zip-4); from < zip; from++ {
		if _, found, _ := h.ix.zipCodes.locate(strings.Join(h.words[from:zip], " ")); found {
			return from
		}
	}
	return zip
}

// isNear tells whether words are a place; behind "near" and its like a town may be misspelled, if its words are no
// others.
func (h *hinted) isNear(words []string, led bool) bool {
	text := strings.Join(words, " ")
	near, found, choices := h.ix.zipCodes.locate(text)
	if found && h.ix.zipCodes.knows(text) {
		h.Near = near.Text
		return true
	}
	known := func(w string) bool { return h.ix.lexicon.written[w] || unsaid[w] }
	if led && len(choices) > 0 && len(text) > 4 && !slices.ContainsFunc(words, known) {
		h.Near = text
		return true
	}
	return false
}

var (
	// besideWords lead to a place always, leadingWords to one where we know no other meaning of what follows.
	besideWords  = setOf("near nearby cerca")
	leadingWords = setOf("in at around by en")
	// placeEnds end what follows a place: "near the mall for my son".
	placeEnds = setOf("for with who that on para con que this next")
	// ownPlaces are where the person is, which says nothing of where that is.
	ownPlaces = setOf("me us here home house work my our mi mine casa aqui by and or place apartment")
	// placeNouns end names of places.
	placeNouns = setOf("hospital university college school mall airport hill river beach square heights park village " +
		"island county city street avenue road plaza downtown campus station bridge harbor point")
	compass = setOf("east west north south")
	// bodyLeads and bodyParts are where something hurts: "a bump in my armpit".
	bodyLeads = setOf("my his her the your their our mi el la left right lower upper")
	bodyParts = setOf("armpit armpits beard butt buttock buttocks groin scalp lip lips chin cheek forehead thigh thighs " +
		"shin calf palm palms rib ribs jaw tongue mouth eyelid eyelids nostril knuckle knuckles ankles hips abdomen")
)

// unplaced takes what was said for a place and is none that we know: "near brown university", "in new york". It is
// never left among the words for the reason.
func (h *hinted) unplaced() {
	if h.Near != "" {
		return
	}
	for i, w := range h.words {
		lead := i + 1
		if h.word(lead) == "to" && (w == "close" || w == "next" || w == "closest") ||
			h.word(lead) == "de" && w == "cerca" {
			lead++
		} else if !besideWords[w] && !leadingWords[w] {
			continue
		}
		to := lead
		for to < len(h.words) && !placeEnds[h.words[to]] && !besideWords[h.words[to]] {
			to++
		}
		said, beside := h.words[lead:to], lead > i+1 || besideWords[w]
		switch {
		case len(said) > 0 && (beside && !isElsewhere(said) || h.isHere(said)):
			h.cut(h.before(i), to)
			return
		case beside && isElsewhere(said), h.soundsLikeAPlace(said):
			h.Unplaced = strings.Join(said, " ")
			h.cut(h.before(i), to)
			return
		}
	}
}

// isElsewhere tells whether words say more than where the person is.
func isElsewhere(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return !ownPlaces[w] && !unsaid[w] })
}

// isHere tells a state that has places of ours: too wide to be near.
func (h *hinted) isHere(words []string) bool {
	text := strings.Join(words, " ")
	at := slices.IndexFunc(states, func(s labeled) bool { return s.label == text })
	if at < 0 {
		return false
	}
	return slices.ContainsFunc(h.ix.zipCodes.towns, func(t town) bool { return t.near.State == states[at].code })
}

// soundsLikeAPlace tells a state, and words that are no others of ours and no slips of them: "federal hill".
func (h *hinted) soundsLikeAPlace(words []string) bool {
	text := strings.Join(words, " ")
	if slices.ContainsFunc(states, func(s labeled) bool { return s.label == text }) {
		return true
	}
	if last := len(words) - 1; last > 0 && !bodyLeads[words[last-1]] &&
		(placeNouns[words[last]] || compass[words[last-1]] && (words[last] == "side" || words[last] == "end")) {
		return true
	}
	strange := 0
	for _, w := range words {
		switch _, known := h.ix.lexicon.tokenAt[compared(w)]; {
		case bodyLeads[w], bodyParts[w], known, ownPlaces[w], len(w) < 3, strings.Trim(w, "0123456789") != w:
			return false
		case unsaid[w]:
		default:
			if near, edits := h.ix.lexicon.closest(w); len(near) == 0 || edits > 1 {
				strange++
			}
		}
	}
	return strange > 0
}
