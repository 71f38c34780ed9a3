package region

import (
	"fmt"
	"math"
	"time"

	"kindward/internal/civil"
	"kindward/internal/search"
)

// world is the region in the making: what it is made from, what it is to be, and the few counters that run through it.
type world struct {
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

func newWorld(o Options) (*world, error) {
	if o.Organizations == 0 {
		o.Organizations = 64
	}
	if o.Organizations < len(byHand) || o.Organizations > 1000 {
		return nil, fmt.Errorf("a region has %d to 1000 organizations, not %d", len(byHand), o.Organizations)
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
	w := &world{options: o, turn: map[string]int{}}
	var err error
	if w.reference, err = readReference(); err != nil {
		return nil, err
	}
	if w.zone, err = civil.Zone(zone); err != nil {
		return nil, err
	}
	w.today = civil.Today(w.zone, o.Now)
	w.from, w.to = w.today.AddDays(-daysBack), w.today.AddDays(daysKnown)
	return w, nil
}

// build fills the organizations: those of the natural size first, then the clinics that share what is left of the listings asked for.
func (w *world) build(all []*organization) error {
	var clinics []*organization
	made := 0
	for _, o := range all {
		if w.options.Listings > 0 && o.hand == nil && o.tenant.Kind == search.KindClinic {
			clinics = append(clinics, o)
			continue
		}
		w.fill(o)
		made += len(o.offerings)
	}
	if w.options.Listings == 0 {
		return nil
	}
	rest := w.options.Listings - made
	if rest < 2*len(clinics) || len(clinics) == 0 {
		return fmt.Errorf("%d organizations have at least %d listings, not %d", len(all), made+2*len(clinics), w.options.Listings)
	}
	for i, size := range sizes(rest, len(clinics)) {
		clinics[i].target = size
		w.fill(clinics[i])
	}
	return nil
}

// sizes shares total by a flattened Zipf law, 1 / (rank + 3)^1.05: of 82,000 listings of 550 clinics the first has about 4,400 and the
// one in the middle about 50. Everybody has at least one.
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
func (w *world) thin() bool { return w.options.Listings > 20_000 }
