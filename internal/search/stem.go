package search

import "strings"

// unsaid are the words that carry no meaning in a reason for a visit, English and Spanish.
var unsaid = setOf(`a about also am an and any anyone appreciate are around as asap ask at available be because been being
	best better book booking by can cheap cheapest could day days did do does doing done everyday find finding for from get
	getting give gives giving go going good got great had has have having he her here him his how i id if ill im in into is
	it its ive just know last lately let like locally look looking lot make maybe me might month months more my near nearby
	nearest need needed needing needs now of ok on one or our ours out please pls question quick really recently recommend
	reasonable request require schedule scheduling see seek seeking should since so some somebody someone something
	soon than thanks that the their them there these they thing this those through to too top trying up us use using very
	want wanted was way we week weeks were what when where which while who whom whos why will wish with would year
	years you your yours
	al alguien algo aqui ayer busco buscar cerca como con cual cuando de del desde donde el ella en es esta este estoy favor
	hacer hacerme la las le lo los mas me mi mis muy necesito necesita nuestra o para por porque que quiero se sin sobre
	su sus tengo tener tiene un una unas unos y ya yo mucho mucha`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// endings are what makes one family of words different: who does it, the field, what is done. Longer ones come first;
// what they leave need not be a word.
var endings = []struct{ from, to string }{
	{"ological", "olog"}, {"iatrician", "iatr"}, {"ologist", "olog"}, {"iatrist", "iatr"}, {"iatric", "iatr"},
	{"ization", "iz"}, {"isation", "iz"}, {"ology", "olog"}, {"iatry", "iatr"}, {"ation", ""}, {"ating", ""},
	{"ated", ""}, {"ical", ""}, {"ings", ""}, {"ing", ""}, {"ion", ""}, {"ate", ""}, {"ist", ""}, {"ian", ""},
	{"ism", ""}, {"al", ""}, {"ed", ""}, {"ic", ""},
}

// shortest is how many letters an ending leaves at least.
const shortest = 4

// stem brings the forms of a word together, on both sides of a comparison: plural and singular, British and American,
// "dermatologist" and "dermatology", "pannel" and "panel".
func stem(w string) string {
	if len(w) <= 3 {
		return w
	}
	w = american(singular(w))
	for _, e := range endings {
		if rest, has := strings.CutSuffix(w, e.from); has && len(rest)+len(e.to) >= shortest {
			w = rest + e.to
			break
		}
	}
	if last := w[len(w)-1]; len(w) > 4 && (last == 'e' || last == 'y') {
		w = w[:len(w)-1]
	}
	return undoubled(w)
}

func singular(w string) string {
	n := len(w)
	switch {
	case n > 4 && strings.HasSuffix(w, "ies"):
		return w[:n-3] + "y"
	case n > 5 && hasAnySuffix(w, "ches", "shes", "xes", "sses"):
		return w[:n-2]
	case w[n-1] == 's' && !hasAnySuffix(w, "ss", "us", "is"):
		return w[:n-1]
	}
	return w
}

func hasAnySuffix(w string, endings ...string) bool {
	for _, e := range endings {
		if strings.HasSuffix(w, e) {
			return true
		}
	}
	return false
}

// american spells what Britain and Greece spell with ae, oe and our.
func american(w string) string {
	if len(w) <= 4 {
		return w
	}
	if strings.Contains(w, "ae") || strings.Contains(w, "oe") {
		w = strings.ReplaceAll(strings.ReplaceAll(w, "ae", "e"), "oe", "e")
	}
	if rest, has := strings.CutSuffix(w, "our"); has && len(rest) > 2 {
		w = rest + "or"
	}
	return w
}

// undoubled writes double letters once: nobody means something else by a missing or a second one.
func undoubled(w string) string {
	for i := 1; i < len(w); i++ {
		if w[i] == w[i-1] {
			out := append(make([]byte, 0, len(w)), w[:i]...)
			for ; i < len(w); i++ {
				if w[i] != out[len(out)-1] {
					out = append(out, w[i])
				}
			}
			return string(out)
		}
	}
	return w
}

// generic are the words, as compared, that say "somebody or something medical" and no more.
var generic = func() map[string]bool {
	stems := map[string]bool{}
	for w := range setOf("doctor test checkup visit clinic lab laboratory work provider session care treatment problem issue " +
		"symptom help service medical health condition procedure") {
		stems[stem(w)] = true
	}
	return stems
}()
