package search

import (
	"cmp"
	"slices"
	"strings"
)

// lexicon knows the words for reasons: their names, synonyms and single words. It is small (thousands of words), so
// slips of the finger are looked for here and never among the listings.
type lexicon struct {
	reasons   []Reason
	byCode    map[string]int32
	phrases   []phrase
	exact     map[string][]int32 // compact code, name or synonym -> the reasons that have exactly it
	canonical map[string]string  // joined codes -> the phrase that stands for them in a URL
	wordAt    map[string]int32
	words     []lexWord
	starts    []start // each phrase from each of its words on, sorted, for typing ahead
	listings  []int   // per reason, how many listings there are; more popular first
}

type phrase struct {
	text, folded, compact string
	reason                int32
	name                  bool
}

type lexWord struct {
	stem    string
	reasons []int32 // sorted
}

type start struct {
	tail   string
	phrase int32
}

func newLexicon(reasons []Reason) *lexicon {
	lx := &lexicon{
		reasons: reasons, byCode: map[string]int32{}, exact: map[string][]int32{}, canonical: map[string]string{},
		wordAt: map[string]int32{}, listings: make([]int, len(reasons)),
	}
	for i, r := range reasons {
		lx.byCode[r.Code] = int32(i)
		lx.addPhrase(int32(i), r.Name, true)
	}
	for i, r := range reasons {
		for _, s := range r.Synonyms {
			lx.addPhrase(int32(i), s, false)
		}
	}
	for i, r := range reasons {
		if key := withoutSpaces(fold(r.Code)); len(lx.exact[key]) == 0 && key != "" {
			lx.exact[key] = []int32{int32(i)}
		}
	}
	slices.SortFunc(lx.starts, func(a, b start) int {
		return cmp.Or(strings.Compare(a.tail, b.tail), cmp.Compare(a.phrase, b.phrase))
	})
	lx.chooseCanonical()
	return lx
}

func (lx *lexicon) addPhrase(reason int32, text string, name bool) {
	folded := fold(text)
	if folded == "" {
		return
	}
	p := phrase{text: text, folded: folded, compact: withoutSpaces(folded), reason: reason, name: name}
	at := int32(len(lx.phrases))
	lx.phrases = append(lx.phrases, p)
	if known := lx.exact[p.compact]; !slices.Contains(known, reason) && (name || !lx.isName(p.compact, known)) {
		lx.exact[p.compact] = append(known, reason)
	}
	for i := range folded {
		if i == 0 || folded[i-1] == ' ' {
			lx.starts = append(lx.starts, start{folded[i:], at})
		}
	}
	for _, w := range words(folded) {
		k, known := lx.wordAt[w]
		if !known {
			k = int32(len(lx.words))
			lx.wordAt[w] = k
			lx.words = append(lx.words, lexWord{stem: w})
		}
		entry := &lx.words[k]
		if i, found := slices.BinarySearch(entry.reasons, reason); !found {
			entry.reasons = slices.Insert(entry.reasons, i, reason)
		}
	}
}

// isName reports whether compact text is the name of one of the reasons: a name is stronger than somebody's synonym.
func (lx *lexicon) isName(compact string, reasons []int32) bool {
	for _, r := range reasons {
		if withoutSpaces(fold(lx.reasons[r].Name)) == compact {
			return true
		}
	}
	return false
}

// chooseCanonical gives each set of reasons that a text can stand for its one phrase: the name, else the first synonym,
// else the code.
func (lx *lexicon) chooseCanonical() {
	for _, p := range lx.phrases {
		set := lx.exact[p.compact]
		if !slices.Contains(set, p.reason) || (len(set) == 1 && !p.name) {
			continue
		}
		key := lx.setKey(set)
		if old, taken := lx.canonical[key]; !taken || (len(set) > 1 && p.text < old) {
			lx.canonical[key] = p.text
		}
	}
	for i, r := range lx.reasons {
		if key := lx.setKey([]int32{int32(i)}); lx.canonical[key] == "" {
			lx.canonical[key] = r.Code
		}
	}
}

func (lx *lexicon) codes(set []int32) []string {
	codes := make([]string, len(set))
	for i, r := range set {
		codes[i] = lx.reasons[r].Code
	}
	slices.Sort(codes)
	return codes
}

func (lx *lexicon) setKey(set []int32) string { return strings.Join(lx.codes(set), ",") }

// fitting gives the reasons that have every word among their names and synonyms: whole have all of them in one phrase,
// loose in several.
func (lx *lexicon) fitting(wanted []string) (whole, loose []int32) {
	for i, w := range wanted {
		k, known := lx.wordAt[w]
		if !known {
			return nil, nil
		}
		if i == 0 {
			loose = slices.Clone(lx.words[k].reasons)
			continue
		}
		loose = slices.DeleteFunc(loose, func(r int32) bool { return !slices.Contains(lx.words[k].reasons, r) })
	}
	for _, p := range lx.phrases {
		if slices.Contains(loose, p.reason) && !slices.Contains(whole, p.reason) && hasAll(words(p.folded), wanted) {
			whole = append(whole, p.reason)
		}
	}
	return whole, slices.DeleteFunc(loose, func(r int32) bool { return slices.Contains(whole, r) })
}

func hasAll(have, wanted []string) bool {
	for _, w := range wanted {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}
