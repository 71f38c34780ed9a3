package search

import (
	"cmp"
	"slices"
	"strings"
)

// maxOffered is how many corrections one field gets; more is a list, not an answer.
const maxOffered = 8

// guess is a reason that might have been meant; it never gives hits by itself.
type guess struct {
	text, matched string
	reasons       []int32
	edits         int
}

// resolve finds the reasons that a text stands for without guessing. Only an exact code, name or synonym may stand for
// several; loose words must fit exactly one reason. What fits several comes back as guesses to choose from.
func (lx *lexicon) resolve(text string) (set []int32, choices []guess) {
	folded := fold(text)
	if exact := lx.exact[withoutSpaces(folded)]; len(exact) > 0 {
		return exact, nil
	}
	wanted := words(folded)
	whole, loose := lx.fitting(wanted)
	if len(whole) == 1 || len(whole) == 0 && len(loose) == 1 {
		return append(whole, loose...)[:1], nil
	}
	if len(loose) == 0 && len(whole) == 0 {
		if specific := slices.DeleteFunc(wanted, generic); len(specific) > 0 {
			whole, loose = lx.fitting(specific)
		}
	}
	for i, r := range append(whole, loose...) {
		g := guess{text: lx.reasons[r].Name, reasons: []int32{r}}
		if i >= len(whole) {
			g.edits = 1 // the words lie apart: after those that have them together
		}
		choices = append(choices, g)
	}
	return nil, choices
}

// guesses offers what might have been meant: words that begin like the text, then texts within a few slips of the
// finger.
func (lx *lexicon) guesses(text string) []guess {
	folded := fold(text)
	var found []guess
	if len(folded) >= 3 {
		for _, s := range lx.suggest(folded, maxOffered) {
			found = append(found, guess{text: s.Name, matched: s.Matched, reasons: []int32{lx.byCode[s.Code]}})
		}
	}
	if len(found) == 0 {
		found = append(lx.nearPhrases(folded), lx.nearWords(folded)...)
	}
	return lx.best(found)
}

// nearPhrases compares the whole text, without spaces, with every name and synonym: "blodpressure check".
func (lx *lexicon) nearPhrases(folded string) []guess {
	typed := withoutSpaces(folded)
	limit := allowedEdits(len(typed))
	var found []guess
	for i := range lx.phrases {
		p := &lx.phrases[i]
		if limit == 0 || len(p.compact) <= 2 {
			continue
		}
		if edits := editDistance(typed, p.compact, limit); edits <= limit {
			g := guess{text: lx.reasons[p.reason].Name, reasons: []int32{p.reason}, edits: edits}
			if !p.name {
				g.matched = p.text
			}
			found = append(found, g)
		}
	}
	return found
}

// nearWords mends the words that nobody knows, each by its closest known words, and resolves the mended text.
func (lx *lexicon) nearWords(folded string) []guess {
	typed := words(folded)
	mended := [][]string{nil}
	edits := 0
	for _, w := range typed {
		options := []string{w}
		if _, known := lx.wordAt[w]; !known && !generic(w) {
			var slips int
			if options, slips = lx.closest(w); len(options) == 0 {
				return nil
			}
			edits += slips
		}
		var next [][]string
		for _, m := range mended {
			for _, o := range options {
				next = append(next, append(slices.Clone(m), o))
			}
		}
		if mended = next; len(mended) > 16 {
			mended = mended[:16]
		}
	}
	var found []guess
	if edits == 0 {
		return nil
	}
	for _, m := range mended {
		set, choices := lx.resolve(strings.Join(m, " "))
		for _, r := range set {
			choices = append(choices, guess{text: lx.reasons[r].Name, reasons: []int32{r}})
		}
		for _, c := range choices {
			c.edits += edits
			found = append(found, c)
		}
	}
	return found
}

// closest gives the known words with the fewest slips from w, at most three of them.
func (lx *lexicon) closest(w string) (options []string, edits int) {
	limit := allowedEdits(len(w))
	if limit == 0 {
		return nil, 0
	}
	for i := range lx.words {
		known := lx.words[i].stem
		if len(known) <= 2 {
			continue
		}
		d := editDistance(w, known, limit)
		switch {
		case d > limit:
		case d < limit || len(options) == 0:
			options, limit = append(options[:0], known), d
		case len(options) < 3:
			options = append(options, known)
		}
	}
	return options, limit
}

// best keeps one guess per reason, the fewest slips first, then the reasons with most listings.
func (lx *lexicon) best(found []guess) []guess {
	slices.SortStableFunc(found, func(a, b guess) int {
		return cmp.Or(
			cmp.Compare(a.edits, b.edits),
			cmp.Compare(lx.listings[b.reasons[0]], lx.listings[a.reasons[0]]),
			strings.Compare(a.text, b.text),
		)
	})
	var kept []guess
	for _, g := range found {
		if !slices.ContainsFunc(kept, func(k guess) bool { return k.reasons[0] == g.reasons[0] }) {
			kept = append(kept, g)
		}
	}
	return kept[:min(len(kept), maxOffered)]
}
