package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/search"
)

// contest is one thing that the product and the bare SQL both do.
type contest struct {
	name  string
	limit func() (float64, error)
	kept  func() (float64, error) // the limit with plans kept; nil where the limit keeps them anyway
	do    act
	floor float64
	note  string
}

// scripts is how many different questions the bare SQL asks; each must be planned once on each connection.
const scripts = 16

// quiet lets what follows from the loop before, events above all, come to rest.
const quiet = 300 * time.Millisecond

// againstTheLimit takes product and limit in turn, round by round, then the open loops at shares of the capacity found.
func (b *bench) againstTheLimit(ctx context.Context) error {
	contests, err := b.contests(ctx)
	if err != nil {
		return err
	}
	capacity := map[string]Series{}
	limits, kept := map[string]Series{}, map[string]Series{}
	for _, c := range contests {
		b.Say("Warming up: " + c.name + " ...")
		if r := closedLoop(ctx, openOrganizations, b.Span, c.do); r.err(c.name) != nil {
			return r.err(c.name)
		}
	}
	for round := range b.Rounds {
		for _, c := range contests {
			b.Say(fmt.Sprintf("Round %d of %d: %s ...", round+1, b.Rounds, c.name))
			for _, side := range []struct {
				into map[string]Series
				rate func() (float64, error)
			}{{limits, c.limit}, {kept, c.kept}, {capacity, func() (float64, error) { return b.capacity(ctx, c, round) }}} {
				if side.rate == nil {
					continue
				}
				rate, err := side.rate()
				if err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				side.into[c.name] = append(side.into[c.name], rate)
				time.Sleep(quiet)
			}
		}
	}
	for _, c := range contests {
		add := func(f Figure) { b.report.Figures = append(b.report.Figures, f) }
		add(figure(c.name+" over HTTP / bare SQL", "%", percent(Ratios(capacity[c.name], limits[c.name])), c.floor, false,
			c.note))
		if c.kept != nil {
			add(figure(c.name+" over HTTP / bare SQL with kept plans", "%", percent(Ratios(capacity[c.name], kept[c.name])), 0,
				false, "pgbench -M prepared: one tenant's plan stays on its connection"))
			add(figure(c.name+", bare SQL with kept plans", "/s", kept[c.name], 0, false, ""))
		}
		add(figure(c.name+" over HTTP", "/s", capacity[c.name], 0, false, ""))
		add(figure(c.name+", bare SQL", "/s", limits[c.name], 0, false, ""))
	}
	for _, c := range contests {
		if err := b.openLoops(ctx, c, capacity[c.name].Median()); err != nil {
			return err
		}
	}
	return nil
}

func percent(s Series) Series {
	out := make(Series, len(s))
	for i, v := range s {
		out[i] = 100 * v
	}
	return out
}

func (b *bench) capacity(ctx context.Context, c contest, round int) (float64, error) {
	loop := func() *run { return closedLoop(ctx, b.Clients, b.Span, c.do) }
	if round > 0 {
		r := loop()
		return r.rate(), r.err(c.name)
	}
	r, err := b.profiled(c.name, loop)
	if err != nil {
		return 0, err
	}
	return r.rate(), r.err(c.name)
}

func (b *bench) contests(ctx context.Context) ([]contest, error) {
	var bookings []string
	var err error
	if b.limit.pgbench != "" {
		if bookings, err = bookingScripts(ctx, b.Target, b.stock.offerings, b.stock.booked); err != nil {
			return nil, err
		}
	}
	busy, err := recordBusy(ctx, b.Target)
	if err != nil {
		return nil, err
	}
	var searches []string
	var searched [][]sent
	if err := b.asAdmin(ctx, func(conn *pgx.Conn) (err error) {
		searches, searched, err = searchScripts(ctx, conn, busy, shuffled(b.terms, scripts, b.dice), b.Market.Now())
		return err
	}); err != nil {
		return nil, err
	}
	from := b.firstOfNextMonth()
	months, read := monthScripts(busy, shuffled(b.stock.offerings, scripts, b.dice), from, from.AddDays(30))
	out := []contest{
		{name: "booking", do: b.site.book, floor: 60,
			note:  "hold and confirmation, signed in, 8 organizations; the limit is the same two statements, context and RLS included, planned each time as the product does",
			limit: func() (float64, error) { return b.limit.booking(ctx, "extended", bookings, b.Span) }},
		{name: "search page", do: b.site.search, floor: 30,
			note:  fmt.Sprintf("whole page, compressed, %d results on it, half of the visitors signed in; the limit is the top %d by SQL and what is taken of them", b.resultsShown(), search.PageSize),
			limit: func() (float64, error) { return b.limit.reading(ctx, searches, searched, b.Span) }},
		{name: "month view", do: b.site.month(from),
			note:  "whole page of a month and a week; the limit is the one query in it",
			limit: func() (float64, error) { return b.limit.reading(ctx, months, read, b.Span) }},
	}
	if b.limit.pgbench != "" {
		out[0].kept = func() (float64, error) { return b.limit.booking(ctx, "prepared", bookings, b.Span) }
	}
	return out, nil
}

// resultsShown is how many results a page has on average.
func (b *bench) resultsShown() int {
	sum := 0
	for _, t := range b.terms {
		sum += min(t.results, search.PageSize)
	}
	return sum / len(b.terms)
}

// gated is the share of capacity at which the open loop has a floor; the others are for the picture and have one round.
const gated = 50

// openLoops come at shares of the capacity, as visitors come: whether or not the ones before are done.
func (b *bench) openLoops(ctx context.Context, c contest, capacity float64) error {
	for _, share := range []int{30, gated, 70} {
		b.Say(fmt.Sprintf("%s at %d %% of capacity ...", c.name, share))
		var ratios, p50, p99, p999 Series
		rounds := b.Rounds
		if share != gated {
			rounds = 1
		}
		for range rounds {
			// a p99 needs some hundreds of answers
			r := openLoop(ctx, openOrganizations, capacity*float64(share)/100, 3*b.Span, b.dice, c.do)
			if err := r.err(c.name); err != nil {
				return err
			}
			at := func(q float64) float64 { return float64(r.latency.Quantile(q).Microseconds()) / 1000 }
			p50, p99, p999 = append(p50, at(0.5)), append(p99, at(0.99)), append(p999, at(0.999))
			ratios = append(ratios, at(0.99)/at(0.5))
		}
		floor := 0.0
		if share == gated {
			floor = 10
		}
		b.report.Figures = append(b.report.Figures, figure(fmt.Sprintf("%s, open loop at %d %%: p99 / p50", c.name, share),
			"x", ratios, floor, true,
			fmt.Sprintf("%s/s: p50 %s ms, p99 %s ms, p99.9 %s ms", number(capacity*float64(share)/100), number(p50.Median()),
				number(p99.Median()), number(p999.Median()))))
	}
	return nil
}

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
	add(figure("slot function, one month", "us", month.micros, 20, true, note))
	add(exact("slot function, one month: allocations", "", month.allocations.Median(), 0, ""))
	found, note, err := searchOf(ctx, b.Target, b.Large, b.Rounds, short, b.terms, b.dice)
	if err != nil {
		return err
	}
	add(figure(fmt.Sprintf("search with facets, %d listings", b.Large), "us", found.micros, 10_000, true,
		note+", in memory, without the cache of pages"))
	cost, err := contextCost(ctx, b.Target, b.stock, b.Rounds, 400)
	if err != nil {
		return err
	}
	add(figure("tenant context: ticket, gates, another schema each time", "us", cost, 1000, true,
		"one small query through the gateway, less the same past the gates"))
	page, err := cards(b.Target, b.Rounds, short)
	if err != nil {
		return err
	}
	add(figure("page of 20 cards", "us", page.micros, 300, true, number(page.allocations.Median())+" allocations"))
	html, all, err := b.site.weight(ctx, b.terms[0])
	if err != nil {
		return err
	}
	add(figure("page weight, search, first visit", "kB", Series{float64(all) / 1000}, 90, true,
		number(float64(html)/1000)+" kB of it the page, the rest is kept"))
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
	b.report.Figures = append(b.report.Figures, figure("cold start with an existing data folder", "s", again, 5, true,
		fmt.Sprintf("until it is ready; the first, which makes database and region, %s s", number(took[0].Seconds()))))
	return nil
}
