package search

import (
	mathbits "math/bits"
	"slices"
	"strings"
)

// compared is the form of a word in which it is compared: its family's stem, or that of the word that means the same.
func compared(w string) string {
	same := wordsOf().same
	if s, known := same[w]; known {
		return s
	}
	s := stem(w)
	if other, known := same[s]; known {
		return other
	}
	return s
}

// wordsIn gives the words of folded text that carry meaning: "back ache" and "backache" are pain in the back, "x
// ray" is the "xray" that is known, "bloodtest" a blood test.
func (lx *lexicon) wordsIn(folded string) []string {
	all := withoutAges(strings.Fields(folded))
	kept := make([]string, 0, len(all)+2)
	for i := 0; i < len(all); i++ {
		w := all[i]
		if i+1 < len(all) && len(w)+len(all[i+1]) > 3 && !unsaid[w] && lx.written[w+all[i+1]] {
			w += all[i+1]
			i++
		}
		if unsaid[w] {
			continue
		}
		kept = lx.appendParts(kept, w)
	}
	return kept
}

// withoutAges reads "2 year old" as a child, or as nobody in particular.
func withoutAges(all []string) []string {
	for i := 0; i+2 < len(all); i++ {
		if all[i+2] != "old" || !allDigits(all[i]) {
			continue
		}
		who := "child"
		if strings.HasPrefix(all[i+1], "y") && (len(all[i]) > 2 || len(all[i]) == 2 && all[i] >= "18") {
			who = "a"
		}
		return append(append(slices.Clone(all[:i]), who), all[i+3:]...)
	}
	return all
}

// appendParts adds a word, or the two that were written as one.
func (lx *lexicon) appendParts(kept []string, w string) []string {
	for _, end := range [2]string{"aches", "ache"} {
		if part, has := strings.CutSuffix(w, end); has && len(part) > 2 {
			return append(kept, part, "pain")
		}
	}
	if lx.written[w] {
		return append(kept, w)
	}
	if _, known := lx.tokenAt[compared(w)]; known {
		return append(kept, w)
	}
	for at := 3; at+3 <= len(w); at++ {
		if lx.written[w[:at]] && lx.written[w[at:]] && !unsaid[w[:at]] && !unsaid[w[at:]] {
			return append(kept, w[:at], w[at:])
		}
	}
	return append(kept, w)
}

// asking is a question in tokens. unknown are the words that nothing in the lexicon has.
type asking struct {
	tokens  []int32
	content int
	unknown []string
}

func (lx *lexicon) ask(words []string) (a asking) {
	for _, w := range words {
		key := compared(w)
		t, known := lx.tokenAt[key]
		switch {
		case !known && !generic[key]:
			a.unknown = append(a.unknown, w)
		case known && !slices.Contains(a.tokens, t):
			a.tokens = append(a.tokens, t)
			if !lx.tokens[t].generic {
				a.content++
			}
		}
	}
	return a
}

// letters is the set of letters and figures of a word, two to a bit where there are too many; words within n slips
// differ in at most 2n of its bits.
func letters(w string) (mask uint32) {
	for i := 0; i < len(w); i++ {
		switch c := w[i]; {
		case 'a' <= c && c <= 'z':
			mask |= 1 << (c - 'a')
		default:
			mask |= 1 << (26 + c%6)
		}
	}
	return mask
}

// differ counts the letters that one of two words has and the other lacks.
func differ(a, b uint32) int { return mathbits.OnesCount32(a ^ b) }
