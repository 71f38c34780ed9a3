package search

import (
	"cmp"
	"slices"
	"strings"
)

// At most so many readings of a misspelled question are weighed, and so many known words for one that is not.
const maxReadings, maxOptions = 16, 4

// mend reads the words that nobody knows as the known ones that they begin, or that are a slip or two away, and takes
// the reading that explains most. Readings that explain as much and mean something else are choices.
func (lx *lexicon) mend(words []string) understanding {
	readings := [][]string{nil}
	for i, w := range words {
		options := []string{w}
		if _, known := lx.tokenAt[compared(w)]; !known && !generic[compared(w)] {
			if options = lx.options(w, i == len(words)-1); len(options) == 0 {
				options = []string{w}
			}
		}
		next := make([][]string, 0, len(readings)*len(options))
		for _, m := range readings {
			for _, o := range options {
				next = append(next, append(slices.Clone(m), o))
			}
		}
		readings = next[:min(len(next), maxReadings)]
	}
	var best understanding
	for _, reading := range readings {
		u, known := lx.exactly(strings.Join(reading, ""))
		if asked := lx.ask(reading); !known {
			u = lx.explain(&asked)
		} else {
			u.score = 4*asked.content + len(asked.tokens) - asked.content + 2
		}
		u.mended = strings.Join(reading, " ")
		switch {
		case u.closest: // a guess at a guess
		case u.score > best.score:
			best = u
		case u.score == best.score && u.score > 0 && !sameSet(u.set, best.set):
			best = lx.either(best, u)
		}
	}
	return best
}

// either is the doubt between two readings.
func (lx *lexicon) either(a, b understanding) understanding {
	a.choices = append(append(slices.Clone(a.choices), lx.each(a.set)...), append(b.choices, lx.each(b.set)...)...)
	a.set, a.phrase, a.mended = nil, nil, ""
	seen := map[int32]bool{}
	a.choices = slices.DeleteFunc(a.choices, func(g guess) bool {
		twice := seen[g.reasons[0]]
		seen[g.reasons[0]] = true
		return twice
	})
	a.choices = a.choices[:min(len(a.choices), maxOffered)]
	return a
}

// options are the known words that somebody may have meant, the nearest only; the last word may be one that is not
// finished.
func (lx *lexicon) options(w string, last bool) (found []string) {
	if last && len(w) >= 4 {
		found = lx.finished(w)
	}
	near, _ := lx.closest(w)
	return append(found, near...)
}

// finished are the known words that begin like w, one of each family.
func (lx *lexicon) finished(w string) (found []string) {
	at, _ := slices.BinarySearchFunc(lx.surfaces, w, func(s surface, w string) int { return strings.Compare(s.word, w) })
	var tokens []int32
	for ; at < len(lx.surfaces) && len(found) < maxOptions && strings.HasPrefix(lx.surfaces[at].word, w); at++ {
		if s := &lx.surfaces[at]; !slices.Contains(tokens, s.token) {
			tokens, found = append(tokens, s.token), append(found, s.word)
		}
	}
	return found
}

// closest gives the known words with the fewest slips from w, one of each family.
func (lx *lexicon) closest(w string) (found []string, edits int) {
	limit := allowedEdits(len(w))
	if limit == 0 || len(w) > maxTyped {
		return nil, 0
	}
	mask := letters(w)
	var tokens []int32
	for i := range lx.surfaces {
		s := &lx.surfaces[i]
		if differ(mask, s.mask) > 2*limit || len(s.word) <= 2 || len(w) <= 5 && s.word[0] != w[0] && s.word[0] != w[1] {
			continue // of a short word the first letter is right, or changed places with the second
		}
		edits := editDistance(w, s.word, limit)
		if edits > limit {
			continue
		}
		if edits < limit {
			found, tokens, limit = found[:0], tokens[:0], edits
		}
		if !slices.Contains(tokens, s.token) && len(found) < maxOptions {
			tokens, found = append(tokens, s.token), append(found, s.word)
		}
	}
	return found, limit
}

// nearPhrases compares the whole text, without spaces, with all phrases: "blodpressure check".
func (lx *lexicon) nearPhrases(folded string) understanding {
	typed := withoutSpaces(folded)
	limit := allowedEdits(len(typed))
	if limit == 0 || len(typed) > maxTyped {
		return understanding{}
	}
	mask := letters(typed)
	var near []*phrase
	for i := range lx.phrases {
		p := &lx.phrases[i]
		if len(p.compact) <= 2 || len(p.reasons) == 0 || differ(mask, p.mask) > 2*limit {
			continue
		}
		switch edits := editDistance(typed, p.compact, limit); {
		case edits < limit:
			near, limit = append(near[:0], p), edits
		case edits == limit:
			near = append(near, p)
		}
	}
	if len(near) == 0 {
		return understanding{}
	}
	u := understanding{mended: near[0].text, score: 1, phrase: near[0]}
	slices.SortStableFunc(near, func(a, b *phrase) int { return cmp.Compare(btoi(b.name), btoi(a.name)) })
	if set, several := together(near); several {
		u.choices, u.mended = lx.each(set), ""
	} else {
		u.set = set
	}
	return u
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
