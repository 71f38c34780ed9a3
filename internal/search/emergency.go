package search

import (
	"slices"
	"strings"
)

// EmergencyKind is whom to call.
type EmergencyKind string

// Danger to life: 911. Crisis: 988, the lifeline for thoughts of suicide. Poison: the poison control line.
const (
	Danger EmergencyKind = "danger"
	Crisis EmergencyKind = "crisis"
	Poison EmergencyKind = "poison"
)

// Emergency is what must not wait for an appointment. Spanish says in which language it was typed.
type Emergency struct {
	Kind    EmergencyKind
	Spanish bool
}

type urgentPhrase struct {
	kind    EmergencyKind
	compact string
	tokens  []int32
	own     []int32 // without the words that carry no meaning in other phrases
	spanish bool
}

// notNow are words, as compared, that turn danger into a subject: a class, a history of it, how to prevent it.
var notNow = setOf("clas train cours certif history survivor prevent risk followup insur")

func (lx *lexicon) addUrgent(e emergency) {
	folded := fold(e.text)
	u := urgentPhrase{kind: e.kind, spanish: e.spanish, compact: withoutSpaces(folded)}
	for w := range strings.FieldsSeq(folded) {
		for _, part := range lx.appendParts(nil, w) {
			t := lx.tokenOf(part)
			if u.tokens = append(u.tokens, t); !unsaid[part] {
				u.own = append(u.own, t)
			}
		}
	}
	lx.urgent = append(lx.urgent, u)
}

// emergency tells whether a text says something that must not wait: all words of one of the phrases, in any order,
// slips of the finger forgiven. A service whose own phrase says more ("stroke rehab", "food poisoning") is meant as
// it is said.
func (lx *lexicon) emergency(text string) *Emergency {
	folded := fold(text)
	tokens := lx.everyToken(folded)
	if len(tokens) == 0 {
		return nil
	}
	compact := withoutSpaces(folded)
	var found *urgentPhrase
	for i := range lx.urgent {
		u := &lx.urgent[i]
		if u.compact == compact || len(u.compact) > 3 && within(u.tokens, tokens) {
			if found == nil || len(u.tokens) > len(found.tokens) {
				found = u
			}
		}
	}
	if found == nil || found.kind == Danger && lx.hasAny(tokens, notNow) || lx.saysMore(folded, compact, found) {
		return nil
	}
	return &Emergency{found.kind, lx.isSpanish(folded)}
}

func within(all, of []int32) bool {
	return !slices.ContainsFunc(all, func(t int32) bool { return !slices.Contains(of, t) })
}

func (lx *lexicon) hasAny(tokens []int32, stems map[string]bool) bool {
	return slices.ContainsFunc(tokens, func(t int32) bool { return stems[lx.tokens[t].stem] })
}

// saysMore tells whether the text has the phrase of a service that goes beyond the urgent words.
func (lx *lexicon) saysMore(folded, compact string, u *urgentPhrase) bool {
	if _, known := lx.exactly(compact); known && compact != u.compact {
		return true
	}
	asked := lx.ask(lx.wordsIn(folded))
	for _, t := range asked.tokens {
		for _, at := range lx.tokens[t].begins {
			p := &lx.phrases[at]
			if len(p.tokens) > len(u.own) && within(u.own, p.tokens) && within(p.tokens, asked.tokens) {
				return true
			}
		}
	}
	return false
}

// everyToken gives the tokens of all words, those that carry no meaning elsewhere too, and for a word that nobody knows
// those that are a single slip away, or two of a long word that begins alike.
func (lx *lexicon) everyToken(folded string) (tokens []int32) {
	add := func(w string) bool {
		t, known := lx.tokenAt[compared(w)]
		if known && !slices.Contains(tokens, t) {
			tokens = append(tokens, t)
		}
		return known
	}
	for w := range strings.FieldsSeq(folded) {
		for _, part := range lx.appendParts(nil, w) {
			if add(part) || unsaid[part] || len(part) < 4 {
				continue
			}
			near, edits := lx.closest(part)
			for _, n := range near {
				if edits == 1 || len(part) > 6 && n[0] == part[0] && !isReflexive(part) {
					add(n)
				}
			}
		}
	}
	return tokens
}

// isReflexive tells a Spanish verb with its pronoun. Two slips away from one is another verb: "sacarme", "matarme".
func isReflexive(w string) bool {
	return hasAnySuffix(w, "arme", "erme", "irme", "arse", "erse", "irse", "arte", "erte", "irte")
}

// tokenOf is the token of one word, made if it is new.
func (lx *lexicon) tokenOf(w string) int32 {
	key := compared(w)
	t, known := lx.tokenAt[key]
	if !known {
		t = int32(len(lx.tokens))
		lx.tokenAt[key] = t
		lx.tokens = append(lx.tokens, token{stem: key, generic: generic[key]})
	}
	return t
}

// isSpanish tells whether one of the words is Spanish and no English one of ours.
func (lx *lexicon) isSpanish(folded string) bool {
	for w := range strings.FieldsSeq(folded) {
		if wordsOf().spanish[w] {
			return true
		}
	}
	return false
}
