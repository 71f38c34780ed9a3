package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/search"
)

// contest is one thing that the product and bare SQL both do, and what each of the two spends on it.
type contest struct {
	name    string
	do      act
	scripts []string
	modes   []string // in which the bare SQL is sent
	writes  bool
	product samples
	bare    map[string]samples // by mode
}

// scripts is how many different questions the bare SQL asks; each must be planned once on each connection.
const scripts = 16

// quiet lets what follows from a loop, events above all, come to rest. It belongs to what the loop has spent.
const quiet = 300 * time.Millisecond

func (b *bench) contests(ctx context.Context) ([]*contest, error) {
	bookings, err := bookingScripts(b.stock, b.Clients, b.patients())
	if err != nil {
		return nil, err
	}
	var searches []string
	if err := b.asAdmin(ctx, func(conn *pgx.Conn) (err error) {
		searches, err = searchScripts(ctx, conn, shuffled(b.terms, scripts, b.dice), b.Market.Now())
		return err
	}); err != nil {
		return nil, err
	}
	from := b.firstOfNextMonth()
	months, err := monthScripts(shuffled(b.stock.offerings, scripts, b.dice), from, from.AddDays(30))
	if err != nil {
		return nil, err
	}
	return []*contest{
		{name: "booking", do: b.site.book, scripts: bookings, modes: []string{kept, planned}, writes: true,
			bare: map[string]samples{}},
		{name: "search page", do: b.site.search, scripts: searches, modes: []string{kept}, bare: map[string]samples{}},
		{name: "month view", do: b.site.month(from), scripts: months, modes: []string{kept}, bare: map[string]samples{}},
	}, nil
}

// againstTheReference takes bare SQL and product in turn, round by round, then the open loops at half of the capacity
// found.
func (b *bench) againstTheReference(ctx context.Context) error {
	all, err := b.contests(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		b.Say("Warming up: " + c.name + " ...")
		if r := closedLoop(ctx, underWay, b.Span, c.do); r.err(c.name) != nil {
			return r.err(c.name)
		}
	}
	time.Sleep(quiet)
	for round := range b.Rounds {
		for _, c := range all {
			b.Say(fmt.Sprintf("Round %d of %d: %s ...", round+1, b.Rounds, c.name))
			if err := b.round(ctx, c, round); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	for _, c := range all {
		b.report.Figures = append(b.report.Figures, c.figures(b.resultsShown())...)
	}
	for _, c := range all {
		if err := b.openLoops(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) round(ctx context.Context, c *contest, round int) error {
	for _, mode := range c.modes {
		s, err := b.alone(ctx, c, mode)
		if err != nil {
			return err
		}
		c.bare[mode] = append(c.bare[mode], s)
	}
	stop := func() error { return nil }
	if round == 0 {
		var err error
		if stop, err = b.Profile(c.name); err != nil {
			return err
		}
	}
	s, err := b.closed(ctx, c)
	if err != nil {
		return err
	}
	c.product = append(c.product, s)
	return stop()
}

// alone runs bare SQL while the site stands still, which would otherwise hear of the bookings. It never does: their
// events are taken away.
func (b *bench) alone(ctx context.Context, c *contest, mode string) (s sample, err error) {
	if err := pause(b.Site); err != nil {
		return s, err
	}
	defer func() {
		if c.writes && err == nil {
			err = b.asAdmin(ctx, func(conn *pgx.Conn) error {
				_, err := conn.Exec(ctx, `delete from outbox.event where seq > $1`, b.lastEvent)
				return err
			})
		}
		if again := resume(b.Site); err == nil {
			err = again
		}
		time.Sleep(quiet) // what the site's clocks make it do at once is no work of the next loop
	}()
	if c.writes {
		if err := b.asAdmin(ctx, func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, `select coalesce(max(seq), 0) from outbox.event`).Scan(&b.lastEvent)
		}); err != nil {
			return s, err
		}
	}
	return b.pgbench.run(ctx, mode, c.scripts, b.Span)
}

// closed is what the product can do, and what each costs the server.
func (b *bench) closed(ctx context.Context, c *contest) (sample, error) {
	if err := b.forgetVisits(ctx, c); err != nil {
		return sample{}, err
	}
	if c.writes { // what was swept is planned anew; the first second of the bare SQL does not count either
		if r := closedLoop(ctx, b.Clients, warmth, c.do); r.err(c.name) != nil {
			return sample{}, r.err(c.name)
		}
	}
	before, err := b.meter.read()
	if err != nil {
		return sample{}, err
	}
	r := closedLoop(ctx, b.Clients, b.Span, c.do)
	time.Sleep(quiet)
	after, err := b.meter.read()
	if err != nil {
		return sample{}, err
	}
	return after.since(before, float64(r.done), r.rate()), r.err(c.name)
}

// resultsShown is how many results a page has on average.
func (b *bench) resultsShown() int {
	sum := 0
	for _, t := range b.terms {
		sum += min(t.results, search.PageSize)
	}
	return sum / len(b.terms)
}

// openLoops come at half of the capacity, as visitors come: whether or not the ones before are done.
func (b *bench) openLoops(ctx context.Context, c *contest) error {
	rate := c.product.rates().Median() / 2
	var ratios, foreign, p50, p99, p999 Series
	b.Say(fmt.Sprintf("%s at half of its capacity ...", c.name))
	for range b.Rounds {
		if err := b.forgetVisits(ctx, c); err != nil {
			return err
		}
		before, err := b.meter.read()
		if err != nil {
			return err
		}
		// a p99 needs some hundreds of answers
		r := openLoop(ctx, underWay, rate, 3*b.Span, b.dice, c.do)
		if err := r.err(c.name); err != nil {
			return err
		}
		after, err := b.meter.read()
		if err != nil {
			return err
		}
		at := func(q float64) float64 { return float64(r.latency.Quantile(q).Microseconds()) / 1000 }
		p50, p99, p999 = append(p50, at(0.5)), append(p99, at(0.99)), append(p999, at(0.999))
		ratios = append(ratios, at(0.99)/at(0.5))
		foreign = append(foreign, after.since(before, 0, 0).foreign)
	}
	g := openGoals[c.name]
	b.report.Figures = append(b.report.Figures, figure(c.name+", open loop at half capacity: p99 / p50", "x", ratios, g,
		fmt.Sprintf("%s/s: p50 %s ms, p99 %s ms, p99.9 %s ms", number(rate), number(p50.Median()), number(p99.Median()),
			number(p999.Median()))).amid(foreign))
	return nil
}
