package search

import (
	"slices"
	"strings"
	"time"

	"kindward/internal/civil"
)

var (
	weekdayWords = map[string]time.Weekday{
		"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday,
		"friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
		"weekend": time.Saturday, "weekends": time.Saturday,
		"tues": time.Tuesday, "wed": time.Wednesday, "thurs": time.Thursday, "fri": time.Friday,
		"lunes": time.Monday, "martes": time.Tuesday, "miercoles": time.Wednesday, "jueves": time.Thursday,
		"viernes": time.Friday, "sabado": time.Saturday, "domingo": time.Sunday,
	}
	// dayPhrases are days of several words, in words that are known by themselves; those without any say nothing more.
	dayPhrases = [][2][]string{
		{{"day", "after", "tomorrow"}, {"overmorrow"}}, {{"pasado", "manana"}, {"overmorrow"}},
		{{"esta", "noche"}, {"tonight"}}, {{"esta", "tarde"}, {"this", "afternoon"}},
		{{"esta", "manana"}, {"this", "morning"}}, {{"por", "la", "noche"}, {"evening"}},
		{{"tomorrow", "night"}, {"tomorrow", "evening"}}, {{"later", "today"}, {"today"}}, {{"same", "day"}, {"today"}},
		{{"fin", "de", "semana"}, {"weekend"}}, {{"proxima", "semana"}, {"next", "week"}},
		{{"semana", "que", "viene"}, {"next", "week"}}, {{"semana", "proxima"}, {"next", "week"}},
		{{"esta", "semana"}, nil}, {{"this", "week"}, nil}}
	partWords = map[string]PartOfDay{"morning": Morning, "mornings": Morning, "afternoon": Afternoon,
		"evening": Evening, "evenings": Evening, "tonight": Evening, "tarde": Afternoon}
	dayWords = map[string]civil.DayNumber{"today": 0, "tonight": 0, "hoy": 0, "tomorrow": 1, "tomorow": 1, "tommorow": 1,
		"tommorrow": 1, "tmrw": 1, "manana": 1, "overmorrow": 2}
)

// day takes the words for a day and a part of it.
func (h *hinted) day() {
	h.plainDays()
	for i, cutAt := 0, -1; i < len(h.words); {
		w := h.words[i]
		part, isPart := partWords[w]
		ahead, isDay := dayWords[w]
		weekday, isWeekday := weekdayOf(w)
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
			if h.word(i-1) == "this" {
				h.From, h.Days = h.today, 1
			}
		} else if isWeekday {
			h.From, h.Days = h.today+daysTo(weekday, h.today, h.word(i-1) == "next"), 1
			if strings.HasPrefix(w, "weekend") {
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

// plainDays writes the days of several words in one.
func (h *hinted) plainDays() {
	for _, phrase := range dayPhrases {
		said, plain := phrase[0], phrase[1]
		for i := 0; i+len(said) <= len(h.words); i++ {
			if slices.Equal(h.words[i:i+len(said)], said) {
				h.words = slices.Concat(h.words[:i], plain, h.words[i+len(said):])
				break
			}
		}
	}
}

// weekdayOf reads a day of the week, or all of its kind: "saturdays".
func weekdayOf(w string) (day time.Weekday, known bool) {
	if day, known = weekdayWords[w]; !known {
		day, known = weekdayWords[strings.TrimSuffix(w, "s")]
	}
	return day, known
}

// daysTo counts the days to a weekday; whoever says "next" does not mean today.
func daysTo(weekday time.Weekday, today civil.DayNumber, next bool) civil.DayNumber {
	ahead := civil.DayNumber((int(weekday) - int(today.Date().Weekday()) + 7) % 7)
	if next && ahead == 0 {
		return 7
	}
	return ahead
}
