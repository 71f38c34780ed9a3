package patient

import (
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/views/ui"
)

// unmet says that nobody has a time on the day that was asked for in words: what is shown is later. Where it is
// narrowed to a part of the day, sooner times may be a press away.
func (t *timetable) unmet(reading search.Reading) []ui.Notice {
	first := reading.Said
	last := first + civil.DayNumber(reading.SaidDays) - 1
	if reading.SaidDays == 0 || t.found.Soonest.Listing != nil && t.found.Soonest.Day <= last || t.shown(last) {
		return nil
	}
	w := t.found.Query
	said := t.dayWord(first.Date()) + map[search.PartOfDay]string{search.Morning: " before noon",
		search.Afternoon: " in the afternoon", search.Evening: " after 5 pm"}[w.Time]
	switch {
	case reading.SaidDays > 1:
		said = "on the weekend of " + first.Date().Long()
	case first == t.found.Today && w.Time == search.Evening:
		said = "tonight"
	}
	one := ui.Notice{Warn: true, Text: "Nothing is free " + said + ". Later times are below."}
	if w.Time != search.AnyTime {
		w.Time, w.Page = search.AnyTime, 1
		one.Link, one.Href = "Show all times of day", "/search?"+w.Values().Encode()
	}
	return []ui.Notice{one}
}

// shown tells whether a time of a day, or before it, stands in the results.
func (t *timetable) shown(last civil.DayNumber) bool {
	for _, r := range t.rows {
		for _, d := range r.days {
			if len(d.Times) > 0 && d.Date.Number() <= last {
				return true
			}
		}
	}
	return false
}
