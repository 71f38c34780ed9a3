package search

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// lexicon knows the words for reasons: their names and synonyms, and what people call them. It is small (thousands of
// words), so slips of the finger are looked for here and never among the listings.
type lexicon struct {
	reasons   []Reason
	names     []string // of the reasons, folded
	children  []bool   // the reasons that are children's by name
	byCode    map[string]int32
	phrases   []phrase
	exact     map[string][]int32 // compact text -> the phrases that are written so
	sets      map[string][]int32 // compact code, name, synonym or phrase -> all the reasons it stands for
	canonical map[string]string  // joined codes -> the phrase that stands for them in a URL
	sentences map[string]string  // compact canonical phrase -> how it stands in a sentence
	tokenAt   map[string]int32   // stem -> token
	tokens    []token
	surfaces  []surface // words as they are written, sorted
	written   map[string]bool
	starts    []start // each phrase from each of its words on, sorted, for typing ahead
	urgent    []urgentPhrase
	neighbors [][]int32 // per reason those that somebody may mean as well
	listings  []int     // per reason, how many listings there are; more popular first
}

type phrase struct {
	text, folded, compact string
	reasons               []int32 // none: known, and nobody offers it
	tokens                []int32 // without repeats
	content               int     // how many of them are more than "somebody or something medical"
	mask                  uint32  // of its letters
	name, asks            bool
}

// token is what words of one meaning have in common.
type token struct {
	stem    string
	generic bool
	reasons []int32 // sorted
	phrases []int32 // that have it
	begins  []int32 // those of them in which it is the first with content, or the first if none has
}

type surface struct {
	word  string
	mask  uint32 // of its letters
	token int32
}

type start struct {
	tail   string
	phrase int32
}

func newLexicon(reasons []Reason) *lexicon {
	v := wordsOf()
	lx := &lexicon{
		reasons: reasons, byCode: map[string]int32{}, exact: map[string][]int32{}, sets: map[string][]int32{},
		canonical: map[string]string{}, sentences: map[string]string{}, tokenAt: map[string]int32{},
		written: map[string]bool{}, neighbors: make([][]int32, len(reasons)), listings: make([]int, len(reasons)),
	}
	for i, r := range reasons {
		lx.byCode[r.Code] = int32(i)
		lx.names = append(lx.names, fold(r.Name))
		lx.children = append(lx.children, aboutChildren(strings.Fields(lx.names[i])) || wordBegins(lx.names[i], "school"))
	}
	lx.noteWritten(v)
	for i, r := range reasons {
		lx.addPhrase(phrase{text: r.Name, reasons: []int32{int32(i)}, name: true})
	}
	for i := range v.meanings {
		lx.addMeaning(&v.meanings[i])
	}
	for i, r := range reasons {
		for _, s := range r.Synonyms {
			lx.addPhrase(phrase{text: s, reasons: []int32{int32(i)}})
		}
	}
	for _, e := range v.emergencies {
		lx.addUrgent(e)
	}
	lx.finish()
	return lx
}

// noteWritten collects the single words first, so that "x ray" is read as the "xray" that some phrase has.
func (lx *lexicon) noteWritten(v *vocabulary) {
	note := func(text string) {
		for w := range strings.FieldsSeq(fold(text)) {
			lx.written[w] = true
		}
	}
	for _, r := range lx.reasons {
		note(r.Name)
		for _, s := range r.Synonyms {
			note(s)
		}
	}
	for _, m := range v.meanings {
		for _, texts := range [2][]string{m.english, m.spanish} {
			for _, text := range texts {
				note(text)
			}
		}
	}
	for _, e := range v.emergencies {
		note(e.text)
	}
	for _, w := range v.sameWords {
		lx.written[w] = true
	}
}

// addMeaning adds a line of the vocabulary, for the services that the region has. Where it has none of them, nobody
// offers what the phrases say.
func (lx *lexicon) addMeaning(m *meaning) {
	var set []int32
	for _, code := range m.codes {
		if i, known := lx.byCode[code]; known {
			set = append(set, i)
		}
	}
	if len(m.codes) > 0 && len(set) == 0 {
		return
	}
	for _, texts := range [2][]string{m.english, m.spanish} {
		for _, text := range texts {
			lx.addPhrase(phrase{text: text, reasons: set, asks: m.asks && len(set) > 1})
		}
	}
	for _, r := range set {
		for _, other := range set {
			if other != r && !slices.Contains(lx.neighbors[r], other) {
				lx.neighbors[r] = append(lx.neighbors[r], other)
			}
		}
	}
	if len(set) > 1 && len(m.english) > 0 && !m.asks {
		if key := lx.setKey(set); lx.canonical[key] == "" {
			lx.canonical[key] = m.english[0]
			lx.sentences[withoutSpaces(fold(m.english[0]))] = m.sentence
		}
	}
	if len(m.codes) == 1 {
		if key := withoutSpaces(fold(lx.reasons[set[0]].Name)); lx.sentences[key] == "" {
			lx.sentences[key] = m.sentence
		}
	}
}

func (lx *lexicon) addPhrase(p phrase) {
	p.folded = fold(p.text)
	if p.folded == "" {
		return
	}
	p.compact = withoutSpaces(p.folded)
	p.mask = letters(p.compact)
	at := int32(len(lx.phrases))
	p.tokens = lx.learn(p.folded)
	begins := int32(-1)
	for _, t := range p.tokens {
		if !lx.tokens[t].generic {
			if p.content++; p.content == 1 {
				begins = t
			}
		}
		lx.tokens[t].phrases = append(lx.tokens[t].phrases, at)
		for _, r := range p.reasons {
			if i, found := slices.BinarySearch(lx.tokens[t].reasons, r); !found {
				lx.tokens[t].reasons = slices.Insert(lx.tokens[t].reasons, i, r)
			}
		}
	}
	switch { // "throwing up" without its "up" is no phrase
	case len(p.tokens) == 0:
	case p.content == 0:
		lx.tokens[p.tokens[0]].begins = append(lx.tokens[p.tokens[0]].begins, at)
	case len(p.tokens) > 1 || !slices.ContainsFunc(strings.Fields(p.folded), isUnsaid):
		lx.tokens[begins].begins = append(lx.tokens[begins].begins, at)
	}
	lx.phrases = append(lx.phrases, p)
	lx.exact[p.compact] = append(lx.exact[p.compact], at)
	for i := range p.folded {
		if i == 0 || p.folded[i-1] == ' ' {
			lx.starts = append(lx.starts, start{p.folded[i:], at})
		}
	}
}

func isUnsaid(w string) bool { return unsaid[w] }

// learn gives the tokens of a phrase, without repeats, and makes those that are new.
func (lx *lexicon) learn(folded string) (tokens []int32) {
	for _, w := range lx.wordsIn(folded) {
		k := lx.tokenOf(w)
		if !slices.Contains(tokens, k) {
			tokens = append(tokens, k)
		}
	}
	return tokens
}

// finish sorts what is looked up by its beginning, and settles what each text stands for.
func (lx *lexicon) finish() {
	slices.SortFunc(lx.starts, func(a, b start) int {
		return cmp.Or(strings.Compare(a.tail, b.tail), cmp.Compare(a.phrase, b.phrase))
	})
	for _, w := range slices.Sorted(maps.Keys(lx.written)) {
		if t, known := lx.tokenAt[compared(w)]; known && !unsaid[w] {
			lx.surfaces = append(lx.surfaces, surface{w, letters(w), t})
		}
	}
	for compact, all := range lx.exact {
		if set := lx.setOf(all); len(set) > 0 {
			lx.sets[compact] = set
		}
	}
	for i, r := range lx.reasons {
		if key := withoutSpaces(fold(r.Code)); lx.sets[key] == nil && key != "" {
			lx.sets[key] = []int32{int32(i)}
		}
	}
	lx.chooseCanonical()
}

// setOf is what phrases of one spelling stand for: a name is stronger than what somebody calls another service, and
// the order of the vocabulary comes before that of the region's list.
func (lx *lexicon) setOf(phrases []int32) (set []int32) {
	for _, at := range phrases {
		if p := &lx.phrases[at]; p.name {
			set = append(set, p.reasons...)
		}
	}
	if set != nil {
		return set
	}
	for _, at := range phrases {
		for _, r := range lx.phrases[at].reasons {
			if !slices.Contains(set, r) {
				set = append(set, r)
			}
		}
	}
	return set
}

// chooseCanonical gives each set of reasons that a text can stand for its one phrase: the name, else the first phrase
// of the vocabulary, else the first synonym, else the code.
func (lx *lexicon) chooseCanonical() {
	for key, text := range lx.canonical { // a phrase that stands for more than its line is none
		if lx.setKey(lx.sets[withoutSpaces(fold(text))]) != key {
			delete(lx.canonical, key)
		}
	}
	chosen := maps.Clone(lx.canonical)
	for i := range lx.phrases {
		p := &lx.phrases[i]
		set := lx.sets[p.compact]
		if len(set) == 0 || len(set) == 1 && !p.name {
			continue
		}
		key := lx.setKey(set)
		if old, taken := lx.canonical[key]; !taken || chosen[key] == "" && p.text < old {
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
