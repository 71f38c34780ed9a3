package civil

import (
	"strings"
	"time"
)

// TimeFormat tells instants to somebody. The instant's own location is the clock on which it is told: the visit's. The
// year is said where it is not this one, the zone where it is not the reader's.
type TimeFormat struct {
	Now   time.Time      // the reader's present
	Zone  *time.Location // on whose clock the reader lives; nil: not known, so that no zone differs from it
	Zoned bool           // the zone is said in any case
}

// Full is an instant by itself: "Tuesday 24 November, 9:20 am".
func (f TimeFormat) Full(t time.Time) string { return f.Day(t) + ", " + f.Clock(t) }

// Layouts of a time of day, for what is written in columns.
const (
	ClockLayout = "3:04 pm"
	BareLayout  = "3:04"
)

// Clock is the time of day of an instant on a page whose zone is known: "9:20 am".
func Clock(t time.Time) string { return t.Format(ClockLayout) }

// Minute is a minute of the day on a clock: "9 am", "5:30 pm", "midnight".
func Minute(minute int16) string {
	switch minute {
	case 0, 24 * 60:
		return "midnight"
	case 12 * 60:
		return "noon"
	}
	t := time.Date(2000, 1, 1, 0, int(minute), 0, 0, time.UTC)
	if t.Minute() == 0 {
		return t.Format("3 pm")
	}
	return Clock(t)
}

// ParseMinute reads a minute of the day as browsers send and people type it: "14:20", "2:20 pm", "2 pm".
func ParseMinute(s string) (minute int16, ok bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, layout := range []string{"15:04", ClockLayout, "3:04pm", "3 pm", "3pm"} {
		if t, err := time.Parse(layout, s); err == nil {
			return int16(t.Hour()*60 + t.Minute()), true
		}
	}
	return 0, false
}

// Stamp is an instant in columns, on a clock of 24 hours: "Tue 24 Nov 2026, 09:20 EST".
func Stamp(t time.Time) string { return t.Format("Mon 2 Jan 2006, 15:04 ") + ZoneName(t) }

// Second is a Stamp to the second, without its weekday: "24 Nov 2026, 09:20:05 EST".
func Second(t time.Time) string { return t.Format("2 Jan 2006, 15:04:05 ") + ZoneName(t) }

// Clock24 is the time of day beside a Stamp: "09:20".
func Clock24(t time.Time) string { return t.Format("15:04") }

// Dated is an instant as records and paper have it, which are read in other years: "Tuesday 24 November 2026, 9:20 am".
func Dated(t time.Time) string { return DateOf(t).Dated() + ", " + Clock(t) }

// Sentence is an instant in the middle of a sentence: "Tuesday 24 November at 9:20 am". Day and month stay on one line,
// and so do hour and am.
func (f TimeFormat) Sentence(t time.Time) string {
	weekday, rest, _ := strings.Cut(f.Day(t), " ")
	return weekday + " " + bound(rest) + " at " + bound(f.Clock(t))
}

// Day is the day of an instant: "Tuesday 24 November", "Tuesday 5 January 2027".
func (f TimeFormat) Day(t time.Time) string {
	if f.otherYear(t) {
		return DateOf(t).Dated()
	}
	return DateOf(t).Long()
}

// ShortDay is Day in a column: "Tue 24 Nov".
func (f TimeFormat) ShortDay(t time.Time) string {
	if f.otherYear(t) {
		return t.Format("Mon 2 Jan 2006")
	}
	return t.Format("Mon 2 Jan")
}

// Clock is the time of day: "9:20 am", "9:20 am EST".
func (f TimeFormat) Clock(t time.Time) string {
	clock := Clock(t)
	if f.foreign(t) {
		clock += " " + ZoneName(t)
	}
	return clock
}

// Span is from when to when: "Tuesday 24 November, 9:20 to 9:40 am EST".
func (f TimeFormat) Span(from, to time.Time) string {
	switch {
	case DateOf(from) != DateOf(to):
		return f.Full(from) + " to " + f.Full(to)
	case from.Format("pm") == to.Format("pm"):
		return f.Day(from) + ", " + from.Format(BareLayout) + " to " + f.Clock(to)
	}
	return f.Day(from) + ", " + Clock(from) + " to " + f.Clock(to)
}

func (f TimeFormat) otherYear(t time.Time) bool {
	return !f.Now.IsZero() && f.Now.In(t.Location()).Year() != t.Year()
}

func (f TimeFormat) foreign(t time.Time) bool {
	if f.Zoned || f.Zone == nil {
		return f.Zoned
	}
	_, here := t.In(f.Zone).Zone()
	_, there := t.Zone()
	return here != there
}

// ZoneName is the zone of an instant as clocks there are called: "EST", "UTC+05:30" where they have no name.
func ZoneName(t time.Time) string {
	name := t.Format("MST")
	if name[0] != '+' && name[0] != '-' {
		return name
	}
	return "UTC" + strings.TrimSuffix(t.Format("-07:00"), ":00")
}

// bound keeps words on one line.
func bound(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// ColumnLayout is how the times of a column are written whose first and last are these: without am and pm only where
// each of them can be but one of the two, which is what people take 7:00 to 11:59 and 12:00 to 5:59 to be.
func ColumnLayout(first, last time.Time) string {
	if (first.Hour() < 12) != (last.Hour() < 12) || first.Hour() < 7 || last.Hour() >= 18 {
		return ClockLayout
	}
	return BareLayout
}

// Fuller is of two layouts of columns the one in which both can be written.
func Fuller(a, b string) string {
	if a == ClockLayout {
		return a
	}
	return b
}
