package search

import (
	"embed"
	"encoding/csv"
	"strings"
	"sync"
)

// The words of people, apart from what the region's list of services says: words/services.csv gives the services that a
// phrase stands for, the likeliest first, and how they stand in a sentence; words/same.csv words of one meaning;
// words/emergencies.csv what must not wait for an appointment.
//
//go:embed words/*.csv
var wordFiles embed.FS

// meaning is one line of words/services.csv.
type meaning struct {
	codes            []string
	sentence         string // "a flu shot"
	asks             bool   // the phrases may mean any of the services: whoever says them is asked
	english, spanish []string
}

// emergency is a phrase that must not wait for an appointment.
type emergency struct {
	kind    EmergencyKind
	spanish bool
	text    string
}

type vocabulary struct {
	meanings    []meaning
	same        map[string]string // a word, folded or stemmed -> the stem that stands for it
	sameWords   []string
	emergencies []emergency
	spanish     map[string]bool // single words of the Spanish phrases that no English one has
}

// wordsOf reads the files once. They are part of the program: one that cannot be read is a mistake of its makers.
var wordsOf = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{same: map[string]string{}}
	for _, r := range mustRows("words/services.csv", 4) {
		m := meaning{sentence: r[1], asks: strings.HasPrefix(r[0], "?"), english: list(r[2]), spanish: list(r[3])}
		m.codes = strings.Fields(strings.TrimPrefix(r[0], "?"))
		v.meanings = append(v.meanings, m)
	}
	for _, r := range mustRows("words/same.csv", 1) {
		all := strings.Fields(r[0])
		for _, w := range all {
			for _, form := range [2]string{w, stem(w)} {
				if _, taken := v.same[form]; !taken {
					v.same[form] = stem(all[0])
				}
			}
			v.sameWords = append(v.sameWords, w)
		}
	}
	for _, r := range mustRows("words/emergencies.csv", 3) {
		for i, texts := range r[1:] {
			for _, text := range list(texts) {
				v.emergencies = append(v.emergencies, emergency{EmergencyKind(r[0]), i == 1, text})
			}
		}
	}
	v.noteSpanish()
	return v
})

func (v *vocabulary) noteSpanish() {
	v.spanish = map[string]bool{}
	each := func(english bool, note func(word string)) {
		phrases := func(texts []string) {
			for _, text := range texts {
				for w := range strings.FieldsSeq(fold(text)) {
					note(w)
				}
			}
		}
		for _, m := range v.meanings {
			if english {
				phrases(m.english)
			} else {
				phrases(m.spanish)
			}
		}
		for _, e := range v.emergencies {
			if e.spanish != english {
				phrases([]string{e.text})
			}
		}
	}
	each(false, func(w string) { v.spanish[w] = true })
	each(true, func(w string) { delete(v.spanish, w) })
}

func list(texts string) (all []string) {
	for text := range strings.SplitSeq(texts, ";") {
		if text = strings.TrimSpace(text); text != "" {
			all = append(all, text)
		}
	}
	return all
}

func mustRows(name string, columns int) [][]string {
	f, err := wordFiles.Open(name)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		panic(name + ": " + err.Error())
	}
	return rows[1:]
}
