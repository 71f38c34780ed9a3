package audit

import (
	"fmt"
	"slices"
	"time"

	"kindward/internal/civil"
)

// EntryGroup is what the same person did in the same way on one day.
type EntryGroup struct {
	Entry
	Times  int
	People int       // different people whose records they were; Whose is one of them
	First  time.Time // At is the last
}

// Clock is when the lines happened, in a zone: once, or how often between when and when.
func (g EntryGroup) Clock(zone *time.Location) string {
	first, last := civil.Clock(g.First.In(zone)), civil.Clock(g.At.In(zone))
	switch {
	case g.Times == 1:
		return last
	case first == last:
		return fmt.Sprintf("%d times, %s", g.Times, last)
	}
	return fmt.Sprintf("%d times, %s to %s", g.Times, first, last)
}

// Days are lines by day, the latest first.
type Days []struct {
	Day    time.Time // midnight in the zone
	Groups []EntryGroup
}

// ByDay puts entries, the latest first, under their days in a zone, and takes together what reads the same on a day.
// mine as in Who.
func ByDay(all []Entry, zone *time.Location, mine bool) (days Days) {
	type key struct{ who, what, whose string }
	places, people := map[key]int{}, map[key]map[string]bool{}
	// numbers follow time nearly, not quite
	all = slices.SortedStableFunc(slices.Values(all), func(a, b Entry) int { return b.At.Compare(a.At) })
	for _, d := range all {
		t := d.At.In(zone)
		midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
		if n := len(days); n == 0 || !days[n-1].Day.Equal(midnight) {
			days = append(days, struct {
				Day    time.Time
				Groups []EntryGroup
			}{Day: midnight})
			clear(places)
			clear(people)
		}
		today := &days[len(days)-1]
		k := key{d.Who(mine), d.What(mine), d.Whose}
		if d.Action == "list" { // of many people at once, as a rule
			k.whose = ""
		}
		at, known := places[k]
		if !known {
			at = len(today.Groups)
			places[k], people[k] = at, map[string]bool{}
			today.Groups = append(today.Groups, EntryGroup{Entry: d})
		}
		people[k][d.Whose] = true
		l := &today.Groups[at]
		l.Times, l.People, l.First = l.Times+1, len(people[k]), d.At
	}
	return days
}
