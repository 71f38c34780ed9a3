package search

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Suggestion is a reason offered while somebody types. Matched is the synonym that begins with the typed text, empty if
// the name does.
type Suggestion struct {
	Code, Name, Matched, Kind string
	Listings                  int // in the whole region
}

// Suggest gives up to n reasons of which a word of the name or of a synonym begins with prefix: names first, then the
// popular ones.
func (ix *Index) Suggest(prefix string, n int) []Suggestion {
	return ix.lexicon.suggest(fold(prefix), n)
}

// suggest ranks with a short insertion into at most n places: no sorting of everything that begins with one letter.
func (lx *lexicon) suggest(typed string, n int) []Suggestion {
	n = min(n, 20)
	if typed == "" || n <= 0 {
		return nil
	}
	best := make([]int32, 0, 21)
	from := sort.Search(len(lx.starts), func(i int) bool { return lx.starts[i].tail >= typed })
	for _, s := range lx.starts[from:] {
		if !strings.HasPrefix(s.tail, typed) {
			break
		}
		best = lx.consider(best, s.phrase, n)
	}
	found := make([]Suggestion, len(best))
	for i, at := range best {
		p := &lx.phrases[at]
		r := &lx.reasons[p.reason]
		found[i] = Suggestion{Code: r.Code, Name: r.Name, Kind: r.Kind, Listings: lx.listings[p.reason]}
		if !p.name {
			found[i].Matched = p.text
		}
	}
	return found
}

func (lx *lexicon) consider(best []int32, candidate int32, n int) []int32 {
	for i, b := range best {
		if lx.phrases[b].reason != lx.phrases[candidate].reason {
			continue
		}
		if lx.order(b, candidate) <= 0 {
			return best
		}
		best = slices.Delete(best, i, i+1)
		break
	}
	at := len(best)
	for at > 0 && lx.order(candidate, best[at-1]) < 0 {
		at--
	}
	if at >= n {
		return best
	}
	best = slices.Insert(best, at, candidate)
	return best[:min(len(best), n)]
}

// order compares two phrases as suggestions: a name before a synonym, many listings before few, then the alphabet.
func (lx *lexicon) order(a, b int32) int {
	p, q := &lx.phrases[a], &lx.phrases[b]
	if p.name != q.name {
		if p.name {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(lx.listings[q.reason], lx.listings[p.reason]),
		strings.Compare(p.folded, q.folded),
		cmp.Compare(a, b),
	)
}
