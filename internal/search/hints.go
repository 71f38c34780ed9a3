package search

import (
	"slices"
	"strings"
	"time"

	"kindward/internal/civil"
)

// Hints are what somebody typed into the box for the reason that belongs elsewhere: "doctor near 02903", "blood test
// tomorrow morning", "spanish speaking dentist".
type Hints struct {
	Rest      string // the words for the reason alone
	Near      string // as it is written in the place box; empty = none was said
	Unplaced  string // what was said for a place and is none that we know
	From      civil.DayNumber
	Days      int // how many days from From on were said: "saturday", "weekend"; 0: no day was, or a week
	Time      PartOfDay
	Age       Age
	Payer     string
	Languages []string
	Genders   []string
	Video     bool
	plan      string // a plan or a kind of plan that no listing can name
}

// Hints takes the place, the day and the plan out of a text. A text that is a phrase as it stands has none: "morning
// after pill", "night nurse".
func (ix *Index) Hints(text string, today civil.DayNumber) Hints {
	folded := fold(text)
	h := hinted{ix: ix, today: today, words: strings.Fields(folded)}
	if !ix.lexicon.isCanonical(folded) {
		h.Age = ageIn(h.words)
	}
	if _, known := ix.lexicon.exactly(withoutSpaces(folded)); known || len(text) > maxText {
		return Hints{Rest: text, Age: h.Age}
	}
	whole := len(h.words)
	h.payer()
	h.place()
	h.day()
	h.people()
	h.unplaced()
	h.video()
	if h.Rest = text; len(h.words) < whole {
		h.Rest = strings.Join(h.words, " ")
	}
	return h.Hints
}

type hinted struct {
	Hints
	ix    *Index
	today civil.DayNumber
	words []string
}

func (h *hinted) cut(from, to int) {
	h.words = append(slices.Clone(h.words[:from]), h.words[to:]...)
}

// word is the word at i, "" beyond the ends.
func (h *hinted) word(i int) string {
	if i < 0 || i >= len(h.words) {
		return ""
	}
	return h.words[i]
}

var (
	// fillers stand before what is taken out, and go with it.
	fillers = setOf("on this next at in the for with by near around close to takes take accepts accept accepting that who " +
		"covered under using through el la este esta proximo por de en con a las del cerca")
)

// before is where the words begin that only lead to the one at i.
func (h *hinted) before(i int) int {
	for i > 0 && fillers[h.words[i-1]] {
		i--
	}
	return i
}

var (
	weekdayWords = map[string]time.Weekday{
		"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday,
		"friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday, "weekend": time.Saturday,
		"tues": time.Tuesday, "wed": time.Wednesday, "thurs": time.Thursday, "fri": time.Friday,
		"lunes": time.Monday, "martes": time.Tuesday, "miercoles": time.Wednesday, "jueves": time.Thursday,
		"viernes": time.Friday, "sabado": time.Saturday, "domingo": time.Sunday,
	}
	partWords = map[string]PartOfDay{"morning": Morning, "mornings": Morning, "afternoon": Afternoon,
		"evening": Evening, "evenings": Evening, "tonight": Evening, "tarde": Afternoon}
	dayWords = map[string]civil.DayNumber{"today": 0, "tonight": 0, "hoy": 0, "tomorrow": 1, "tomorow": 1, "tommorow": 1,
		"tommorrow": 1, "tmrw": 1, "manana": 1}
)

// day takes the words for a day and a part of it.
func (h *hinted) day() {
	for i, cutAt := 0, -1; i < len(h.words); {
		w := h.words[i]
		part, isPart := partWords[w]
		ahead, isDay := dayWords[w]
		weekday, isWeekday := weekdayWords[w]
		next := w == "week" && h.word(i-1) == "next"
		first, to := i, i+1
		if clock, begins, ends := h.clock(i, i == cutAt); clock != AnyTime {
			h.Time, first, to = clock, begins, ends
		} else if w == "manana" && h.word(i-1) == "la" {
			h.Time = Morning
		} else if !isPart && !isDay && !isWeekday && !next || h.inPhrase(w) {
			i++
			continue
		} else if isDay {
			h.From, h.Days = h.today+ahead, 1
			if isPart {
				h.Time = part
			}
		} else if isPart {
			h.Time = part
		} else if isWeekday {
			h.From, h.Days = h.today+daysTo(weekday, h.today, h.word(i-1) == "next"), 1
			if w == "weekend" {
				h.Days = 2
			}
		} else {
			h.From, h.Days = h.today+daysTo(time.Monday, h.today, true), 0
		}
		first = h.bounded(first)
		h.cut(first, to)
		i, cutAt = first, first
	}
}

// daysTo counts the days to a weekday; whoever says "next" does not mean today.
func daysTo(weekday time.Weekday, today civil.DayNumber, next bool) civil.DayNumber {
	ahead := civil.DayNumber((int(weekday) - int(today.Date().Weekday()) + 7) % 7)
	if next && ahead == 0 {
		return 7
	}
	return ahead
}

// inPhrase tells whether a word is part of a phrase that the question has whole: "morning sickness".
func (h *hinted) inPhrase(w string) bool {
	lx := h.ix.lexicon
	t, known := lx.tokenAt[compared(w)]
	if !known {
		return false
	}
	asked := lx.ask(lx.wordsIn(strings.Join(h.words, " ")))
	return slices.ContainsFunc(lx.tokens[t].phrases, func(at int32) bool {
		return within(lx.phrases[at].tokens, asked.tokens)
	})
}
