package search

import "strings"

// clock reads a time of the wall clock whose "am" or "pm" stands at i: "9am", "9:30 pm", "9 a.m.", "in the am", and
// behind a day that was just taken "tomorrow am". "am" alone is a verb: "I am pregnant". AnyTime: it is none.
func (h *hinted) clock(i int, behindDay bool) (part PartOfDay, first, to int) {
	mark := h.words[i]
	first, to = i, i+1
	if (mark == "a" || mark == "p") && h.word(i+1) == "m" {
		mark, to = mark+"m", i+2
	}
	hour, isPM := strings.CutSuffix(mark, "pm")
	if !isPM {
		var isAM bool
		if hour, isAM = strings.CutSuffix(mark, "am"); !isAM {
			return AnyTime, i, i
		}
	}
	if hour == "" {
		first--
		hour = h.word(first)
	}
	if before := h.word(first - 1); len(hour) == 2 && allDigits(hour) && isHour(before) {
		hour, first = before, first-1
	}
	switch {
	case isHour(hour) && isPM && h.word(first-1) == "before" && (hour == "12" || hour == "5"):
		return map[string]PartOfDay{"12": Morning, "5": Afternoon}[hour], first, to
	case isHour(hour) && !isPM:
		return Morning, first, to
	case isHour(hour) && (hour == "12" || len(hour) == 1 && hour < "5"):
		return Afternoon, first, to
	case isHour(hour):
		return Evening, first, to
	case hour == "the" && h.word(first-1) == "in", behindDay && (isPM || to == len(h.words)):
		if isPM {
			return Afternoon, i, to
		}
		return Morning, i, to
	}
	return AnyTime, i, i
}

var boundWords = setOf("after before past until till around from about despues antes")

// bounded is where the words begin that lead to a day or a time: "after 5pm", "on monday before noon".
func (h *hinted) bounded(i int) int {
	for first := h.before(i); ; i = first {
		for first > 0 && boundWords[h.words[first-1]] {
			first--
		}
		if first = h.before(first); first == i {
			return first
		}
	}
}

// isHour tells a number that can be the hour before "am" or "pm".
func isHour(w string) bool {
	return len(w) == 1 && allDigits(w) && w != "0" || w == "10" || w == "11" || w == "12"
}
