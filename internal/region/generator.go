package region

import (
	"fmt"
	"math"
	"time"

	"kindward/internal/civil"
	"kindward/internal/search"
)

// generator is the region in the making: what it is made from, what it is to be, and the few counters that run through
// it.
type generator struct {
	reference
	options  Options
	zone     *time.Location
	today    civil.Date
	from, to civil.Date // the days for which exceptions are written
	turn     map[string]int
	people   int // practitioners so far
	logins   []Login
	hash     string // of the logins' password
}

// Weeks of appointments before and after today, and of exceptions after it.
const (
	daysBack  = 14
	daysAhead = 28
	daysKnown = 130
)

func newGenerator(o Options) (*generator, error) {
	if o.Organizations == 0 {
		o.Organizations = 64
	}
	if o.Organizations < len(knownOrganizations) || o.Organizations > 1000 {
		return nil, fmt.Errorf("a region has %d to 1000 organizations, not %d", len(knownOrganizations), o.Organizations)
	}
	if o.Listings < 0 || o.Listings > 100_000 {
		return nil, fmt.Errorf("a region has up to 100000 listings, not %d", o.Listings)
	}
	if o.Now.IsZero() {
		return nil, fmt.Errorf("a region needs a day to be about")
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	g := &generator{options: o, turn: map[string]int{}}
	var err error
	if g.reference, err = readReference(); err != nil {
		return nil, err
	}
	if g.zone, err = civil.Zone(zone); err != nil {
		return nil, err
	}
	g.today = civil.Today(g.zone, o.Now)
	g.from, g.to = g.today.AddDays(-daysBack), g.today.AddDays(daysKnown)
	return g, nil
}

// build fills the organizations: those of the natural size first, then the clinics that share what is left of the
// listings asked for.
func (g *generator) build(all []*organization) error {
	var clinics []*organization
	made := 0
	for _, o := range all {
		if g.options.Listings > 0 && o.known == nil && o.tenant.Kind == search.KindClinic {
			clinics = append(clinics, o)
			continue
		}
		g.fill(o)
		made += len(o.offerings)
	}
	if g.options.Listings == 0 {
		return nil
	}
	rest := g.options.Listings - made
	if rest < 2*len(clinics) || len(clinics) == 0 {
		return fmt.Errorf("%d organizations have at least %d listings, not %d", len(all), made+2*len(clinics),
			g.options.Listings)
	}
	for i, size := range sizes(rest, len(clinics)) {
		clinics[i].target = size
		g.fill(clinics[i])
	}
	return nil
}

// sizes shares total by a flattened Zipf law, 1 / (rank + 3)^1.05: of 82,000 listings of 550 clinics the first has
// about 4,400 and the one in the middle about 50. Everybody has at least one.
func sizes(total, n int) []int {
	weights, sum := make([]int, n), 0
	for i := range weights {
		weights[i] = int(math.Round(1e6 / math.Pow(float64(i+4), 1.05)))
		sum += weights[i]
	}
	out, left := make([]int, n), total
	for i := range out {
		out[i] = max(1, total*weights[i]/sum)
		left -= out[i]
	}
	out[0] += left
	return out
}

// thin tells that the region is for benchmarks: one coming week of appointments instead of six in all, and fewer a day.
func (g *generator) thin() bool { return g.options.Listings > 20_000 }
