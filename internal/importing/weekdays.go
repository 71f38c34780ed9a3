package importing

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

var weekdayWords = map[string][]time.Weekday{"weekdays": workdays, "workdays": workdays, "weekends": weekend,
	"weekend": weekend, "daily": everyDay, "every day": everyDay, "all": everyDay, "7 days": everyDay,
	"all week": everyDay}

var (
	workdays = []time.Weekday{1, 2, 3, 4, 5}
	weekend  = []time.Weekday{6, 0}
	everyDay = []time.Weekday{1, 2, 3, 4, 5, 6, 0}
)

// dayLetters are days as they stand together: MWF, TTh.
var dayLetters = regexp.MustCompile(`^(?:m|tu|th|t|w|r|f|sa|su)+$`)

var oneLetter = regexp.MustCompile(`tu|th|sa|su|[mtwrf]`)

// weekday is a day by its name, by its first letters, in the singular or the plural. Near: a name that is spelled
// nearly so.
func weekday(word string) (d time.Weekday, near, ok bool) {
	word = strings.Trim(word, ". ")
	switch word {
	case "m", "t", "w", "f":
		return map[string]time.Weekday{"m": 1, "t": 2, "w": 3, "f": 5}[word], false, true
	case "r", "thurs", "thur":
		return time.Thursday, false, true
	case "tues":
		return time.Tuesday, false, true
	}
	nearest := 3
	for day := time.Sunday; day <= time.Saturday; day++ {
		name := strings.ToLower(day.String())
		if len(word) >= 2 && (strings.HasPrefix(name, word) || word == name+"s") {
			return day, false, true
		}
		if n := apart(word, name); n < nearest && len(word) > 4 {
			d, near, nearest = day, true, n
		}
	}
	return d, near, near
}

// weekdays reads days of the week: "Mon-Fri", "Monday, Wednesday and Friday", "MWF", "weekdays", "daily".
func weekdays(s string, _ *Known) reading {
	text := strings.TrimSpace(plainer.Replace(strings.ToLower(s)))
	if all, ok := weekdayWords[text]; ok {
		return reading{value: all}
	}
	if dayLetters.MatchString(text) {
		if _, _, one := weekday(text); !one {
			text = strings.Join(oneLetter.FindAllString(text, -1), ",")
		}
	}
	var all []time.Weekday
	mended := false
	for _, some := range strings.FieldsFunc(strings.ReplaceAll(text, " and ", ","), func(r rune) bool {
		return strings.ContainsRune(",;/&+|", r)
	}) {
		days, near, ok := daySpan(strings.TrimSpace(some))
		if !ok {
			return reading{wrong: "has “" + strings.TrimSpace(some) + "”, which is no day of the week"}
		}
		all, mended = append(all, days...), mended || near
	}
	all = inWeek(all)
	switch {
	case len(all) == 0:
		return reading{wrong: "has no day of the week"}
	case mended:
		return reading{wrong: "has a day that is not spelled so", proposal: DidYouMean, fix: weekdaysText(all)}
	}
	return reading{value: all}
}

// daySpan is a day, or those from one to another; several with spaces between them are each for itself.
func daySpan(text string) (days []time.Weekday, near, ok bool) {
	if all, ok := weekdayWords[text]; ok {
		return all, false, true
	}
	first, last, span := strings.Cut(text, "-")
	if !span {
		for _, word := range strings.Fields(text) {
			d, n, ok := weekday(word)
			if !ok {
				return nil, false, false
			}
			days, near = append(days, d), near || n
		}
		return days, near, len(days) > 0
	}
	from, n1, ok1 := weekday(first)
	to, n2, ok2 := weekday(last)
	for d := from; ; d = (d + 1) % 7 {
		if days = append(days, d); d == to {
			return days, n1 || n2, ok1 && ok2
		}
	}
}

// inWeek are days once each, from Monday on.
func inWeek(days []time.Weekday) []time.Weekday {
	slices.SortFunc(days, func(a, b time.Weekday) int { return int((a+6)%7) - int((b+6)%7) })
	return slices.Compact(days)
}

func weekdaysText(days []time.Weekday) string {
	names := make([]string, 0, len(days))
	for _, d := range days {
		names = append(names, d.String())
	}
	return strings.Join(names, ", ")
}
