package ui_test

import (
	"context"
	"io"
	"strconv"
	"testing"

	"github.com/a-h/templ"

	"kindward/views/ui"
)

// twenty is a page of results as a search gives it: 20 places, 5 days, 4 times a day.
func twenty() ui.Timetable {
	return ui.Timetable{Label: "Results", Heads: make([]ui.DayHead, 5), Later: "/later", Ranked: "/how-we-rank"}
}

func cards() []templ.Component {
	var all []templ.Component
	for i := range 20 {
		r := ui.Result{ID: "r" + strconv.Itoa(i), Name: "Wickenden Diagnostics", Href: "/places/wickenden",
			Line: "Diagnostic lab, 212 Wickenden St", Cost: "In network with Bayline Mutual, or $42", Why: "Soonest near you",
			Tags:   []ui.Tag{{"map-pin", "0.4 mi"}, {"star", "4.9 from 1,204 visits"}, {"check", "Walk-ins until noon"}},
			Action: "/places/wickenden/holds",
			Hidden: []ui.Hidden{{Name: "listing", Value: "0190a037-7b2c-7d3e-9f4a-5b6c7d8e9f01"}}}
		for range 5 {
			d := ui.Day{Name: "Tue 24", More: 6, Href: "/times",
				Label: "6 more times on Tuesday 24 November at Wickenden Diagnostics"}
			for range 4 {
				d.Slots = append(d.Slots, ui.Slot{Value: "1795516800", Text: "9:20",
					Label: "Tuesday 24 November, 9:20 am, Wickenden Diagnostics"})
			}
			r.Days = append(r.Days, d)
		}
		all = append(all, r)
	}
	return all
}

func page(all []templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if err := twenty().Render(ctx, w); err != nil {
			return err
		}
		for _, c := range all {
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func BenchmarkTwentyCards(b *testing.B) {
	all := page(cards())
	b.ReportAllocs()
	for b.Loop() {
		if err := all.Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTwentyCardsStayCheap(t *testing.T) {
	all := page(cards())
	got := testing.AllocsPerRun(10, func() { _ = all.Render(context.Background(), io.Discard) })
	if got > 1200 { // 830 alone; the race detector empties pools at random
		t.Errorf("%.0f allocations for a page of 20 cards, want at most 1200", got)
	}
}
