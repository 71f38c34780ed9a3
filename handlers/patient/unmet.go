package patient

import (
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/views/ui"
)

// unmet says that nothing on the page is free on the day that was asked for in words, and what is the soonest of all.
// Summaries may be older than what is taken, so the times that come first are read.
func (t *timetable) unmet(reading search.Reading) ([]ui.Notice, error) {
	last := reading.Said + civil.DayNumber(reading.SaidDays) - 1
	if reading.SaidDays == 0 || t.shown(last) {
		return nil, nil
	}
	soonest, err := t.soonestFirst()
	if err != nil {
		return nil, err
	}
	w, one := t.found.Query, ui.Notice{Warn: true, Text: "Nothing is free " + t.saidDays(reading) + "."}
	which := "The soonest" + partText(w.Time) + " is "
	if soonest.shown(last) {
		one.Text, which = "Nothing on this page is free "+t.saidDays(reading)+".", "The soonest of all is "
	}
	if at := soonest.firstTime(); at != "" {
		one.Text += " " + which + at + "."
	}
	switch w.Page = 1; {
	case !soonest.shown(last) && w.Time != search.AnyTime:
		w.Time = search.AnyTime
		one.Link, one.Href = "Show all times of day", "/search?"+w.Values().Encode()
	case soonest.first < t.first || t.first == 0:
		one.Link, one.Href = "Show the soonest first", "/search?"+soonest.found.Query.Values().Encode()
	}
	return []ui.Notice{one}, nil
}

// soonestFirst is the timetable in the order of the first free times.
func (t *timetable) soonestFirst() (*timetable, error) {
	w := t.found.Query
	w.Sort, w.Page = search.SoonestFirst, 1
	found, err := t.h.Market.Live().Search(t.c.Request().Context(), w, t.now)
	if err != nil {
		return nil, err
	}
	s := timetable{h: t.h, c: t.c, found: found, now: t.now, from: t.from}
	return &s, s.read()
}

// saidDays are the day, the part of it or the weekend that was asked for.
func (t *timetable) saidDays(reading search.Reading) string {
	first, part := reading.Said, t.found.Query.Time
	switch {
	case reading.SaidDays > 1:
		return "on the weekend of " + first.Date().Long() + partText(part)
	case first == t.found.Today && part == search.Evening:
		return "tonight"
	}
	return t.dayWord(first.Date()) + partText(part)
}

func partText(part search.PartOfDay) string {
	return map[search.PartOfDay]string{search.Morning: " before noon", search.Afternoon: " in the afternoon",
		search.Evening: " after 5 pm"}[part]
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
