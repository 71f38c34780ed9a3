package bench

import (
	"context"
	"fmt"
)

func (b *bench) race(ctx context.Context) error {
	b.Say(fmt.Sprintf("%d clients race for one time ...", b.Racers))
	doubles, attempts, took, err := b.site.race(ctx, b.Racers)
	if err != nil {
		return err
	}
	overlaps, err := overlapping(ctx, b.Target)
	if err != nil {
		return err
	}
	b.report.Figures = append(b.report.Figures, exact(fmt.Sprintf("%d clients race for one time: doubles", b.Racers), "",
		float64(doubles+overlaps), 0,
		fmt.Sprintf("%d races, %d attempts at %s/s; answers counted, and overlapping claims of all organizations",
			len(b.site.stock.alone), attempts, number(float64(attempts)/took.Seconds()))))
	return nil
}

func (b *bench) parts(ctx context.Context) error {
	b.Say("The parts ...")
	short := b.Span / 5
	add := func(f Figure) { b.report.Figures = append(b.report.Figures, f) }
	month, note, err := monthOfTimes(ctx, b.Target, b.stock, b.Rounds, short)
	if err != nil {
		return err
	}
	add(figure("slot function, one month", "us", month.micros, goal{20, 5, true}, note))
	add(exact("slot function, one month: allocations", "", month.allocations.Median(), 0, ""))
	found, note, err := searchOf(ctx, b.Target, b.Large, b.Rounds, short, b.terms, b.dice)
	if err != nil {
		return err
	}
	add(figure(fmt.Sprintf("search with facets, %d listings", b.Large), "us", found.micros, goal{10_000, 60, true},
		note+", in memory, without the cache of pages"))
	cost, err := contextCost(ctx, b.Target, b.stock, b.meter, b.Rounds, 600)
	if err != nil {
		return err
	}
	note = "CPU of both sides for one small query through the gateway, less the same past the gates"
	if cost.Median() < 0 {
		note += "; smaller than the noise of this run"
	}
	add(figure("tenant context: ticket, gates, another schema each time", "us", cost, goal{1000, 200, true}, note))
	page, err := cards(b.Target, b.Rounds, short)
	if err != nil {
		return err
	}
	add(figure("page of 20 cards", "us", page.micros, goal{300, 60, true},
		number(page.allocations.Median())+" allocations"))
	return nil
}

func (b *bench) starts(ctx context.Context) error {
	if b.Start == nil {
		return nil
	}
	b.Say("Starting the program on a fresh data folder, and again ...")
	took, err := b.Start(ctx)
	if err != nil || len(took) < 2 {
		return fmt.Errorf("start: %w", err)
	}
	var again Series
	for _, d := range took[1:] {
		again = append(again, d.Seconds())
	}
	b.report.Figures = append(b.report.Figures, figure("cold start with an existing data folder", "s", again,
		goal{5, 1.5, true},
		fmt.Sprintf("until it is ready; the first, which makes database and region, %s s", number(took[0].Seconds()))))
	return nil
}
