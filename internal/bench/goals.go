package bench

import "fmt"

// goal is what a figure must reach, and what it should. 0 is none.
type goal struct {
	floor, aim float64
	less       bool // it must not be more
}

var (
	more     = goal{}           // a figure that is told only, the larger the better
	fewer    = goal{less: true} // a figure that is told only, the smaller the better
	openLess = goal{4, 3, true}

	openGoals = map[string]goal{"booking": openLess, "search page": openLess, "month view": {5, 3, true}}
)

// What Easy!Appointments 1.5.2 does on two cores, as published with the prototype: booking POSTs and months a second.
const (
	theirBookings = 140
	theirMonths   = 5.5
)

// figures are what a contest says.
func (c *contest) figures(shown int) []Figure {
	var out []Figure
	add := func(name, unit string, rounds Series, g goal, note string, sides ...samples) {
		var foreign Series
		for _, s := range sides {
			foreign = append(foreign, s.foreign()...)
		}
		out = append(out, figure(name, unit, rounds, g, note).amid(foreign))
	}
	us, bare := c.product, c.bare[kept]
	units := Ratios(us.cpu(), bare.cpu())
	switch c.name {
	case "booking":
		unit := fmt.Sprintf("a unit is the reference with kept plans: %s us of PostgreSQL here", number(bare.cpu().Median()))
		add("booking, CPU in units", "", units, goal{2, 1.6, true}, unit, us, bare)
		add("booking over HTTP / bare SQL planned each time, by CPU", "%", percent(Ratios(c.bare[planned].cpu(), us.cpu())),
			goal{85, 107, false}, "what the bare SQL spends, as a share of what the product spends", us, c.bare[planned])
		add("booking, overhead over kept plans", "%", percent(overhead(units)), goal{50, 40, true},
			"share of the product's CPU that the reference would not have spent", us, bare)
		add("booking over HTTP / bare SQL planned each time, by rate", "%",
			percent(Ratios(us.rates(), c.bare[planned].rates())), more, "visitors' own work included", us)
		add("booking against Easy!Appointments 1.5.2", "x", each(us.rates(), theirBookings), goal{3, 5, false},
			fmt.Sprintf("its published %d POSTs a second", theirBookings), us)
	case "search page":
		g := goal{100, 175, false}
		note := fmt.Sprintf("whole page, compressed, %d results on it, half of the visitors signed in; "+
			"the SQL is the top hits and what is taken of them", shown)
		add("search page / raw SQL, by CPU", "%", percent(Ratios(bare.cpu(), us.cpu())), g, note, us, bare)
		add("search page / raw SQL, by rate", "%", percent(Ratios(us.rates(), bare.rates())), g,
			"visitors' own work included", us, bare)
	case "month view":
		add("month view / its one query, by CPU", "%", percent(Ratios(bare.cpu(), us.cpu())), goal{45, 62, false},
			"whole page of a month and a week; the SQL is what is taken of one offering in a month", us, bare)
		add("month view against Easy!Appointments 1.5.2", "x", each(us.rates(), theirMonths), goal{800, 1000, false},
			fmt.Sprintf("its published %s months a second", number(theirMonths)), us)
	}
	add(c.name+" over HTTP, CPU of site and database", "us", us.cpu(), fewer, "", us)
	add(c.name+" over HTTP", "/s", us.rates(), more, "", us)
	add(c.name+", bare SQL with kept plans", "/s", bare.rates(), more, "", bare)
	return out
}

// overhead is the share of so many units that lies above one.
func overhead(units Series) Series {
	out := make(Series, len(units))
	for i, u := range units {
		out[i] = max(0, 1-1/u)
	}
	return out
}

func each(s Series, by float64) Series {
	out := make(Series, len(s))
	for i, v := range s {
		out[i] = v / by
	}
	return out
}

func percent(s Series) Series { return each(s, 0.01) }
