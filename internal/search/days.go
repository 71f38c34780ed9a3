package search

import (
	"slices"
	"strconv"
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
		if date, ends, isDate := h.date(i); isDate {
			h.From, h.Days, to = date, 1, ends
		} else if clock, begins, ends := h.clock(i, i == cutAt); clock != AnyTime {
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

var monthWords = map[string]int8{"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
	"july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "apr": 4,
	"aug": 8, "sept": 9, "oct": 10, "nov": 11, "dec": 12, "enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5,
	"junio": 6, "julio": 7, "agosto": 8, "septiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12}

// date reads a day of a month at i: "december 3rd", "3 december", "3 de diciembre"; the next one that comes.
func (h *hinted) date(i int) (date civil.DayNumber, to int, found bool) {
	month, named := monthWords[h.word(i)]
	day, isDay := dayOfMonth(h.word(i + 1))
	if to = i + 2; !named {
		if day, isDay = dayOfMonth(h.word(i)); !isDay {
			return 0, i, false
		}
		next := i + 1
		if w := h.word(next); w == "de" || w == "of" {
			next++
		}
		month, named = monthWords[h.word(next)]
		to = next + 1
	}
	if !named || !isDay {
		return 0, i, false
	}
	today := h.today.Date()
	asked := civil.Date{Year: today.Year, Month: month, Day: day}
	if asked.Number() < h.today {
		asked.Year++
	}
	return asked.Number(), to, asked.Number().Date() == asked // there is no 31 June
}

// dayOfMonth reads "3", "3rd" and "03".
func dayOfMonth(w string) (day int8, is bool) {
	for _, end := range [4]string{"st", "nd", "rd", "th"} {
		w = strings.TrimSuffix(w, end)
	}
	if w == "" || len(w) > 2 || !allDigits(w) {
		return 0, false
	}
	n, err := strconv.ParseInt(w, 10, 8)
	return int8(n), err == nil && n >= 1 && n <= 31
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
