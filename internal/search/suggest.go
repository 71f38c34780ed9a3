package search

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Suggestion is a reason offered while somebody types. Matched is the phrase that says the same as the typed text,
// empty if the name does.
type Suggestion struct {
	Code, Name, Matched, Kind string
	Listings                  int // in the whole region
}

// Suggest gives up to n reasons that the region offers: first what the text stands for, then those of which a word
// of the name or of a phrase begins with it, names first, then the popular ones. Failing all these, what comes near
// it.
func (ix *Index) Suggest(typed string, n int) []Suggestion {
	if len(typed) <= maxText && strings.Contains(typed, " ") { // a place or a day are no part of a reason
		if rest := ix.Hints(typed, 0).Rest; rest != typed {
			if found := ix.lexicon.suggest(rest, n); len(found) > 0 {
				return found
			}
		}
	}
	return ix.lexicon.suggest(typed, n)
}

// Emergency tells whether a text says what must not wait for an appointment, nil if not.
func (ix *Index) Emergency(text string) *Emergency {
	if len(text) > maxText {
		return nil
	}
	return ix.lexicon.emergency(text)
}

// Sentence is how a service, or a phrase that stands for several, is said in a sentence: "a flu shot". It is empty for
// what has none.
func (ix *Index) Sentence(text string) string { return ix.lexicon.sentences[withoutSpaces(fold(text))] }

// completion is a phrase as a suggestion of one of its reasons.
type completion struct {
	phrase, reason int32
	sure           bool // the text stands for it
}

func (lx *lexicon) suggest(text string, n int) []Suggestion {
	folded := fold(text)
	n = min(n, 20)
	if folded == "" || n <= 0 {
		return nil
	}
	best := make([]completion, 0, 21)
	best = lx.meant(best, withoutSpaces(folded), n)
	sure := len(best)
	best = lx.beginning(best, folded, n)
	found := make([]Suggestion, 0, max(n, 8))
	if len(best) == sure && sure < 3 {
		found = lx.understood(found, text)
	}
	for _, b := range best {
		by := &lx.phrases[b.phrase]
		if wordBegins(lx.names[b.reason], folded) {
			by = nil // the name itself says it
		}
		found = lx.appendSuggestion(found, b.reason, by)
	}
	return found[:min(len(found), n)]
}

// meant adds what the text stands for as one of the phrases, the likeliest first.
func (lx *lexicon) meant(best []completion, compact string, n int) []completion {
	phrases := lx.exact[compact]
	if len(phrases) == 0 {
		return best
	}
	for _, r := range lx.sets[compact] {
		for _, at := range phrases {
			if len(best) < n && lx.listings[r] > 0 && slices.Contains(lx.phrases[at].reasons, r) {
				best = append(best, completion{at, r, true})
				break
			}
		}
	}
	return best
}

// beginning ranks with a short insertion into at most n places: no sorting of everything that begins with one letter.
func (lx *lexicon) beginning(best []completion, folded string, n int) []completion {
	from := sort.Search(len(lx.starts), func(i int) bool { return lx.starts[i].tail >= folded })
	for _, s := range lx.starts[from:] {
		if !strings.HasPrefix(s.tail, folded) {
			break
		}
		for _, r := range lx.phrases[s.phrase].reasons {
			if lx.listings[r] > 0 {
				best = lx.consider(best, completion{phrase: s.phrase, reason: r}, n)
			}
		}
	}
	return best
}

// understood adds what a whole question stands for, or may: words in another order, among others, or misspelled.
func (lx *lexicon) understood(found []Suggestion, text string) []Suggestion {
	u := lx.understand(text)
	for _, r := range u.set {
		found = lx.appendSuggestion(found, r, u.phrase)
	}
	for _, g := range u.choices {
		found = lx.appendSuggestion(found, g.reasons[0], nil)
	}
	return found
}

// appendSuggestion adds a reason that somebody offers, once.
func (lx *lexicon) appendSuggestion(found []Suggestion, reason int32, by *phrase) []Suggestion {
	r := &lx.reasons[reason]
	if lx.listings[reason] == 0 || slices.ContainsFunc(found, func(s Suggestion) bool { return s.Code == r.Code }) {
		return found
	}
	s := Suggestion{Code: r.Code, Name: r.Name, Kind: r.Kind, Listings: lx.listings[reason]}
	if by != nil && !by.name && slices.Contains(by.reasons, reason) {
		s.Matched = by.text
	}
	return append(found, s)
}

func (lx *lexicon) consider(best []completion, candidate completion, n int) []completion {
	for i, b := range best {
		if b.reason != candidate.reason {
			continue
		}
		if b.sure || lx.order(b, candidate) <= 0 {
			return best
		}
		best = slices.Delete(best, i, i+1)
		break
	}
	at := len(best)
	for at > 0 && !best[at-1].sure && lx.order(candidate, best[at-1]) < 0 {
		at--
	}
	if at >= n {
		return best
	}
	best = slices.Insert(best, at, candidate)
	return best[:min(len(best), n)]
}

// order compares two suggestions: a name before a phrase, many listings before few, then the order of the vocabulary.
func (lx *lexicon) order(a, b completion) int {
	p, q := &lx.phrases[a.phrase], &lx.phrases[b.phrase]
	if p.name != q.name {
		return btoi(q.name) - btoi(p.name)
	}
	return cmp.Or(
		cmp.Compare(lx.listings[b.reason], lx.listings[a.reason]),
		cmp.Compare(a.phrase, b.phrase),
	)
}

// wordBegins tells whether a word of folded text, or words from it on, begin with another.
func wordBegins(text, with string) bool {
	for at := 0; at < len(text); at++ {
		if (at == 0 || text[at-1] == ' ') && strings.HasPrefix(text[at:], with) {
			return true
		}
	}
	return false
}
