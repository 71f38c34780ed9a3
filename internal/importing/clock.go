package importing

import (
	"regexp"
	"strconv"
	"strings"

	"kindward/internal/booking"
	"kindward/internal/civil"
)

// Minutes of a day.
const (
	noon     = 12 * 60
	endOfDay = 24 * 60
)

// clockTime is a time of day as somebody wrote it. Sure: it can be but one; else it may be half a day later too.
type clockTime struct {
	minute int
	sure   bool
}

var clockText = regexp.MustCompile(`^([0-9]{1,2})(?:[:.]?([0-9]{2}))?(?::00)? ?(a|p|am|pm)?$`)

// parseClock reads "9", "9:30", "9 am", "0900", "17:30", "noon" and "midnight". One with a zero in front, or beyond 12,
// is on a clock of 24 hours.
func parseClock(s string) (t clockTime, ok bool) {
	switch s = strings.TrimSpace(s); s {
	case "noon":
		return clockTime{noon, true}, true
	case "midnight":
		return clockTime{0, true}, true
	}
	m := clockText.FindStringSubmatch(s)
	if m == nil {
		return t, false
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi("0" + m[2])
	half := strings.TrimSuffix(m[3], "m")
	if hour > 24 || minute > 59 || hour == 24 && minute > 0 || half != "" && (hour == 0 || hour > 12) {
		return t, false
	}
	t = clockTime{hour*60 + minute, half != "" || hour > 12 || hour == 0 || m[1][0] == '0' && m[2] != ""}
	switch {
	case half == "p" && hour < 12:
		t.minute += noon
	case half == "a" && hour == 12:
		t.minute -= noon
	}
	return t, true
}

// windowOf is from when to when something is, behind what ends before it at after (-1: nothing does). Where a beginning
// from 1 to 5 could be at night, it is taken for the afternoon, and guessed.
func windowOf(from, to clockTime, after int) (w booking.Window, guessed, ok bool) {
	begin, end := from.minute, to.minute
	if to.sure && end == 0 {
		end = endOfDay
	}
	switch later := (begin + noon) % endOfDay; {
	case from.sure:
	case to.sure:
		if begin >= end || later > begin && later < end {
			begin = later
		}
	case after >= 0:
		if begin < after {
			begin = later
		}
	case begin < earliest:
		begin, guessed = later, true
	}
	for !to.sure && end <= begin {
		end += noon
	}
	w = booking.Window{From: int16(begin), To: int16(end)}
	return w, guessed, begin < end && end <= endOfDay
}

// earliest is before which an hour without am and pm is taken for the afternoon's.
const earliest = 6 * 60

var (
	plainer = strings.NewReplacer("a.m.", "am", "p.m.", "pm", "a.m", "am", "p.m", "pm", "–", "-", "—", "-", "−", "-",
		" to ", "-", " till ", "-", " until ", "-", " through ", "-", " thru ", "-", "from ", "")
	between = regexp.MustCompile(` ?(?:,|;|&|\+|\||/| and ) ?`)
)

// mostWindows is how many stretches hours of a day have at most.
const mostWindows = 6

// windows reads stretches of a day: "9-5", "9:00 AM - 5:00 PM", "8-12, 1-5". Nothing is open where a cell says so.
func windows(s string, _ *Known) reading {
	all, guessed, wrong := readWindows(s, -1)
	switch {
	case wrong != "":
		return reading{wrong: wrong}
	case guessed:
		return reading{wrong: "could be at night", proposal: Afternoon, fix: windowsText(all)}
	}
	return reading{value: all}
}

// pauses reads when nobody is seen: as windows, but one from 1 to 5 is in the afternoon.
func pauses(s string, _ *Known) reading {
	all, _, wrong := readWindows(s, -1)
	if wrong != "" {
		return reading{wrong: wrong}
	}
	return reading{value: all}
}

func readWindows(s string, after int) (all []booking.Window, guessed bool, wrong string) {
	text := plainer.Replace(strings.ToLower(s))
	switch strings.Trim(text, " .") {
	case "closed", "off", "-", "no", "none", "n/a", "x":
		return []booking.Window{}, false, ""
	}
	for _, one := range between.Split(text, -1) {
		first, last, two := strings.Cut(one, "-")
		from, ok := parseClock(first)
		to, ok2 := parseClock(last)
		if !two || !ok || !ok2 || len(all) == mostWindows {
			return nil, false, "is no time from when to when, like 9:00 AM - 5:00 PM"
		}
		w, unsure, ok := windowOf(from, to, after)
		switch {
		case !ok:
			return nil, false, "ends before it begins. Hours over midnight are two"
		case w.From%5 != 0 || w.To%5 != 0:
			return nil, false, "is to begin and end at a full five minutes"
		case int(w.From) < after:
			return nil, false, "has stretches that overlap"
		}
		all, guessed, after = append(all, w), guessed || unsure, int(w.To)
	}
	return all, guessed, ""
}

// windowsText is what readWindows reads so.
func windowsText(all []booking.Window) string {
	words := make([]string, 0, len(all))
	for _, w := range all {
		words = append(words, civil.Minute(w.From)+" - "+civil.Minute(w.To))
	}
	return strings.Join(words, ", ")
}

// moment reads one time of day. What could be at night is settled with the other end of the hours.
func moment(s string, _ *Known) reading {
	t, ok := parseClock(plainer.Replace(strings.ToLower(s)))
	if !ok {
		return reading{wrong: "is no time of day like 9:00 AM"}
	}
	return reading{value: t}
}
