package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"kindward/views/ui"
)

// twentyCards writes the part of a result page that grows: 20 results, 5 days each, 4 times a day.
func twentyCards() func(io.Writer) error {
	monday := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	table := ui.Timetable{Label: "Results with free times", Later: "/search?reason=Blood+test&from=2026-11-28",
		Ranked: "/how-we-rank"}
	var results []ui.Result
	for n := range 20 {
		name := fmt.Sprintf("Harbor Laboratory %d", n+1)
		href := fmt.Sprintf("/places/harbor-laboratory-%d", n+1)
		r := ui.Result{ID: fmt.Sprintf("l-%d", n), Name: name, Href: href,
			Line: "Laboratory, 212 Wickenden Street, Providence", Cost: "In network with Bayline Mutual, or $42",
			Why: "Soonest near you", Tags: []ui.Tag{{Icon: "map-pin", Text: "0.4 mi"},
				{Icon: "star", Text: "4.9 from 1,204 visits"}, {Icon: "check", Text: "Speaks Spanish"}},
			Action: href + "/holds", Hidden: []ui.Hidden{{Name: "listing", Value: "0190a037-7b2c-7d3e-9f4a-5b6c7d8e9f01"}}}
		for d := range 5 {
			day := monday.AddDate(0, 0, d)
			if n == 0 {
				table.Heads = append(table.Heads, ui.DayHead{Name: day.Format("Mon"), Number: day.Format("2"), Today: d == 0})
			}
			lane := ui.Day{Name: day.Format("Mon 2"), More: 6, Href: href + "/times?week=" + day.Format(time.DateOnly),
				Label: "6 more times on " + day.Format("Monday 2 January") + " at " + name}
			for s := range 4 {
				at := day.Add(time.Duration(s) * 20 * time.Minute)
				lane.Slots = append(lane.Slots, ui.Slot{Value: at.Format(time.RFC3339), Text: at.Format("3:04"),
					Label: at.Format("Monday 2 January, 3:04 pm, ") + name})
			}
			r.Days = append(r.Days, lane)
		}
		results = append(results, r)
	}
	return func(w io.Writer) error {
		if err := table.Render(context.Background(), w); err != nil {
			return err
		}
		for _, r := range results {
			if err := r.Render(context.Background(), w); err != nil {
				return err
			}
		}
		return nil
	}
}
