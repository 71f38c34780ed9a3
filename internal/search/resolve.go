package search

import (
	"cmp"
	"slices"
	"strings"
)

// maxOffered is how many meanings or corrections one field gets; more is a list, not an answer.
const maxOffered = 8

// guess is a reason that might have been meant; it never gives hits by itself.
type guess struct {
	text, matched string
	reasons       []int32
	edits         int
}

// understanding is what a text stands for. With neither set nor choices nothing in it is known.
type understanding struct {
	set     []int32 // the reasons that are searched: one meaning is clear
	choices []guess // otherwise: what it may mean, or with closest what comes near it
	closest bool
	nobody  bool   // it is known, and no service of ours
	mended  string // how slips of the finger were read; empty = as it was typed
	score   int    // of two readings the one that explains more of the words counts
	phrase  *phrase
}

// understand finds the reasons that a text stands for: written as one of the phrases, or having all words of one, or,
// with the slips of the finger mended, one of both. What fits several meanings comes back as choices.
func (lx *lexicon) understand(text string) understanding {
	folded := fold(text)
	if u, known := lx.exactly(withoutSpaces(folded)); known {
		return u
	}
	words := lx.wordsIn(folded)
	asked := lx.ask(words)
	u := lx.explain(&asked)
	if len(asked.unknown) == 0 {
		return u
	}
	if mended := lx.mend(words); mended.score > u.score {
		return mended
	}
	if near := lx.nearPhrases(folded); u.score <= 1 && near.score > 0 {
		return near
	}
	return u
}

// exactly reads a text that is written as a code or as one of the phrases.
func (lx *lexicon) exactly(compact string) (u understanding, known bool) {
	set, phrases := lx.sets[compact], lx.exact[compact]
	if len(set) == 0 {
		return understanding{nobody: len(phrases) > 0}, len(phrases) > 0
	}
	asks := false
	for _, at := range phrases {
		p := &lx.phrases[at]
		asks = (asks || p.asks) && !p.name
		if u.phrase == nil || len(p.tokens) > len(u.phrase.tokens) {
			u.phrase = p
		}
	}
	if asks {
		u.choices = lx.each(set)
	} else {
		u.set = set
	}
	u.score = 1 << 10
	return u, true
}

func (lx *lexicon) each(set []int32) (choices []guess) {
	for _, r := range set[:min(len(set), maxOffered)] {
		choices = append(choices, guess{text: lx.reasons[r].Name, reasons: []int32{r}})
	}
	return choices
}

// explain finds the phrases of which a question has all words, those that explain most of it; otherwise the reasons
// that have all its words, or most of them.
func (lx *lexicon) explain(a *asking) understanding {
	best := 0
	var found []*phrase
	for _, t := range a.tokens {
		for _, at := range lx.tokens[t].begins {
			p := &lx.phrases[at]
			score := lx.fit(p, a)
			if score > best {
				best, found = score, found[:0]
			}
			if score == best && score > 0 {
				found = append(found, p)
			}
		}
	}
	if best == 0 {
		return lx.readWords(a)
	}
	u := understanding{score: best, phrase: found[0]}
	set, several := together(found)
	switch {
	case len(set) == 0:
		u.nobody = true
	case found[0].content == 0 && len(a.unknown) > 0: // "Dr Somebody" is no doctor in general
		u.choices, u.closest, u.score = lx.each(set), true, 1
	case several:
		u.choices = lx.each(set)
		u.score--
	default:
		u.set = set
	}
	return u
}

// fit tells how much of a question a phrase explains, 0 if the question lacks one of its words. Words that say no more
// than "doctor" or "test" may be missing if the question has others that say as much.
func (lx *lexicon) fit(p *phrase, a *asking) (score int) {
	missing := 0
	for _, t := range p.tokens {
		switch has := slices.Contains(a.tokens, t); {
		case has && lx.tokens[t].generic:
			score++
		case has:
			score += 4
		case !lx.tokens[t].generic:
			return 0
		default:
			missing++
		}
	}
	switch {
	case p.content == 0 && (missing > 0 || a.content > 0 || len(p.tokens) != len(a.tokens)):
		return 0
	case missing == 0 && len(p.tokens) == len(a.tokens) && len(a.unknown) == 0:
		return score + 2
	case missing > 0 && a.content == len(a.tokens) && p.content < 2:
		return 0
	}
	return score - missing
}

// together is what several phrases stand for, and whether that is more than one meaning: phrases of the same words have
// one, and so have those that share a reason.
func together(found []*phrase) (set []int32, several bool) {
	var first *phrase
	var shared []int32
	for _, p := range found {
		if len(p.reasons) == 0 {
			continue
		}
		if first == nil {
			first, shared = p, p.reasons
		}
		if several = several || p.asks || !sameSet(p.tokens, first.tokens); several {
			shared = both(shared, p.reasons)
		}
		for _, r := range p.reasons {
			if !slices.Contains(set, r) {
				set = append(set, r)
			}
		}
	}
	if several && len(shared) > 0 && !first.asks {
		return shared, false
	}
	return set, several
}

// both are those of a that are in b, in their order.
func both(a, b []int32) (shared []int32) {
	for _, r := range a {
		if slices.Contains(b, r) {
			shared = append(shared, r)
		}
	}
	return shared
}

func sameSet(a, b []int32) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(r int32) bool { return !slices.Contains(b, r) })
}

// readWords is for questions that have no phrase whole: the reasons that have every word among their phrases, first
// those that have them in one; failing these, the reasons that have most of the words.
func (lx *lexicon) readWords(a *asking) understanding {
	shares := map[int32]int{}
	for _, t := range a.tokens {
		if !lx.tokens[t].generic {
			for _, r := range lx.tokens[t].reasons {
				shares[r]++
			}
		}
	}
	most := 0
	for _, n := range shares {
		most = max(most, n)
	}
	if most == 0 {
		return understanding{}
	}
	whole := most == a.content && len(a.unknown) == 0
	var found []guess
	for r, n := range shares {
		if n == most {
			g := guess{text: lx.reasons[r].Name, reasons: []int32{r}}
			if !lx.inOnePhrase(a, r) {
				g.edits = 1
			}
			found = append(found, g)
		}
	}
	u := understanding{choices: lx.best(found), closest: !whole, score: most}
	if clear := onlyOne(u.choices); whole && clear != nil && (a.content > 1 || lx.named(a, clear[0])) {
		u.set, u.choices, u.score = clear, nil, 3*most
	}
	return u
}

// onlyOne is the one reason that has all words together, if there is just one.
func onlyOne(choices []guess) []int32 {
	switch {
	case len(choices) == 1, len(choices) > 1 && choices[0].edits == 0 && choices[1].edits > 0:
		return choices[0].reasons
	}
	return nil
}

// inOnePhrase tells whether one phrase of a reason has all words with content.
func (lx *lexicon) inOnePhrase(a *asking, reason int32) bool {
	for _, t := range a.tokens {
		if lx.tokens[t].generic {
			continue
		}
		return slices.ContainsFunc(lx.tokens[t].phrases, func(at int32) bool {
			p := &lx.phrases[at]
			return slices.Contains(p.reasons, reason) && lx.hasContent(p, a)
		})
	}
	return false
}

func (lx *lexicon) hasContent(p *phrase, a *asking) bool {
	for _, t := range a.tokens {
		if !lx.tokens[t].generic && !slices.Contains(p.tokens, t) {
			return false
		}
	}
	return true
}

// named tells whether the reason's own name has the words.
func (lx *lexicon) named(a *asking, reason int32) bool {
	return slices.ContainsFunc(lx.exact[withoutSpaces(fold(lx.reasons[reason].Name))], func(at int32) bool {
		return lx.phrases[at].name && lx.hasContent(&lx.phrases[at], a)
	})
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
