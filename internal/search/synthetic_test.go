package search

import (
	"encoding/binary"
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

// now is a Monday, 10:30 in Providence.
var (
	newYork, _ = time.LoadLocation("America/New_York")
	now        = time.Date(2026, 11, 23, 10, 30, 0, 0, newYork)
	today      = civil.NumberOf(now)
)

// The centers are rounded to a hundredth of a degree.
var testZIPCodes = []ZIPCode{
	{"02906", "Providence", "RI", 41.84, -71.39}, {"02903", "Providence", "RI", 41.82, -71.41},
	{"02904", "Providence", "RI", 41.86, -71.44},
	{"02905", "Providence", "RI", 41.79, -71.40}, {"02907", "Providence", "RI", 41.80, -71.43},
	{"02908", "Providence", "RI", 41.84, -71.44},
	{"02911", "North Providence", "RI", 41.86, -71.47}, {"02860", "Pawtucket", "RI", 41.87, -71.38},
	{"02861", "Pawtucket", "RI", 41.88, -71.36},
	{"02910", "Cranston", "RI", 41.78, -71.44}, {"02920", "Cranston", "RI", 41.77, -71.47},
	{"02886", "Warwick", "RI", 41.70, -71.45},
	{"02888", "Warwick", "RI", 41.75, -71.41}, {"02914", "East Providence", "RI", 41.82, -71.37},
	{"02840", "Newport", "RI", 41.49, -71.31},
	{"02895", "Woonsocket", "RI", 42.00, -71.50}, {"02891", "Westerly", "RI", 41.36, -71.81},
	{"02809", "Bristol", "RI", 41.68, -71.27},
	{"02703", "Attleboro", "MA", 41.94, -71.29}, {"02720", "Fall River", "MA", 41.72, -71.12},
	{"02740", "New Bedford", "MA", 41.64, -70.94},
	{"01103", "Springfield", "MA", 42.10, -72.59}, {"05156", "Springfield", "VT", 43.29, -72.48},
	{"02769", "Rehoboth", "MA", 41.84, -71.25},
}

func readCSV(t testing.TB, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func testReasons(t testing.TB) []Reason {
	var reasons []Reason
	for _, r := range readCSV(t, "services.csv") {
		kind := map[string]string{"clinic": KindClinic, "lab": KindLaboratory, "home_care": KindHomeCare}[r[1]]
		minutes, _ := strconv.Atoi(r[4])
		low, _ := strconv.ParseInt(r[5], 10, 64)
		high, _ := strconv.ParseInt(r[6], 10, 64)
		reasons = append(reasons, Reason{r[0], kind, r[2], strings.Split(r[3], ";"), minutes, low, high, r[7]})
	}
	return reasons
}

func testPayers(t testing.TB) []Payer {
	var payers []Payer
	for _, r := range readCSV(t, "payers.csv") {
		payers = append(payers, Payer{r[0], r[1], r[2]})
	}
	return payers
}

func testID(family, n int) (id uuid.UUID) {
	binary.BigEndian.PutUint32(id[:], uint32(family))
	binary.BigEndian.PutUint32(id[12:], uint32(n))
	return id
}

// dice rolls the same numbers for the same seed on every machine.
type random struct{ *rand.Rand }

func roll(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 1))} }

func (d random) chance(p float64) bool { return d.Float64() < p }

func pick[T any](d random, list []T) T { return list[d.IntN(len(list))] }

func (d random) some(list []string, p float64) (out []string) {
	for _, v := range list {
		if d.chance(p) {
			out = append(out, v)
		}
	}
	return out
}

func (d random) lognormal(mu, sigma float64) float64 { return math.Exp(mu + sigma*d.NormFloat64()) }

// zipf picks i below n with the weight 1/(i+1)^s.
func zipf(n int, s float64) func(random) int {
	sums := make([]float64, n)
	total := 0.0
	for i := range sums {
		total += math.Pow(float64(i+1), -s)
		sums[i] = total
	}
	return func(d random) int {
		i, _ := slices.BinarySearch(sums, d.Float64()*total)
		return min(i, n-1)
	}
}

// synthetic makes n listings of n/100 organizations: many reasons are rare, few common; some listings are full,
// unpriced or silent.
func synthetic(t testing.TB, seed uint64, n int) (reasons []Reason, payers []Payer, listings []Listing) {
	d := roll(seed)
	reasons, payers = testReasons(t), testPayers(t)
	byKind := map[string][]Reason{}
	for _, r := range reasons {
		byKind[r.Kind] = append(byKind[r.Kind], r)
	}
	var ids []string
	for _, p := range payers {
		ids = append(ids, p.ID)
	}
	organizations, pickReason := max(n/100, 5), map[string]func(random) int{}
	for kind, list := range byKind {
		pickReason[kind] = zipf(len(list), 0.7)
	}
	pickOrganization := zipf(organizations, 1.05)
	for len(listings) < n {
		o := pickOrganization(d)
		kind := KindClinic
		if o%20 >= 15 {
			kind = KindHomeCare
		} else if o%20 >= 11 {
			kind = KindLaboratory
		}
		location := o*8 + d.IntN(1+o%8)
		at := testZIPCodes[(location*7)%len(testZIPCodes)]
		r := byKind[kind][pickReason[kind](d)]
		l := Listing{
			ID: testID(1, len(listings)*7919%1_000_003), Tenant: testID(2, o), Slug: "o" + strconv.Itoa(o),
			OrgName: "Organization " + strconv.Itoa(o),
			Kind:    kind, LocationID: testID(3, location), City: at.Town, State: at.State, ZIP: at.ZIP,
			Zone: "America/New_York",
			Lat:  at.Lat + float64(location%17-8)/1000, Lon: at.Lon + float64(location%13-6)/1000,
			Reason: r.Code, Service: r.Name,
			AcceptsNew: d.chance(0.9), Access: d.some([]string{"step_free", "asl", "low_sensory", "parking", "transit"}, 0.4),
			Rating: float32(5 * (0.6 + 0.4*math.Sqrt(d.Float64()))), Ratings: int(d.lognormal(3, 1.2)),
			ResponseMinutes: int(d.lognormal(4.2, 1)), Currency: "USD",
		}
		l.Ages = []Ages{{}, {}, {To: 17}, {From: 18}, {From: 13, To: 21}, {}, {From: 65}, {}}[len(listings)%8]
		if kind == KindHomeCare {
			l.AreaKm = float64(5 + d.IntN(40))
		}
		if !d.chance(0.005) {
			l.PriceCents = (r.PriceLow + d.Int64N(r.PriceHigh-r.PriceLow+1)) / 500 * 500
		}
		if d.chance(0.7) {
			l.Practitioner, l.Gender = "Practitioner", pick(d, []string{"female", "male", "female", "male", "nonbinary"})
		}
		l.Languages = append([]string{"en"}, d.some([]string{"es", "pt", "zh", "vi", "ht"}, 0.15)...)
		l.Interpreted = d.some([]string{"es", "ar", "km"}, 0.2)
		if l.Telehealth = d.chance(0.2); l.Telehealth {
			l.TelehealthStates = d.some([]string{"RI", "MA", "CT"}, 0.6)
		}
		for _, id := range ids {
			switch x := d.Float64(); {
			case x < 0.01: // contradicts itself
				l.PayersAccepted, l.PayersRefused = append(l.PayersAccepted, id), append(l.PayersRefused, id)
			case x < 0.3:
				l.PayersAccepted = append(l.PayersAccepted, id)
			case x < 0.5:
				l.PayersRefused = append(l.PayersRefused, id)
			}
		}
		l.Availability = d.availability(l.ID)
		listings = append(listings, l)
	}
	return reasons, payers, listings
}

func (d random) availability(id uuid.UUID) Availability {
	a := Availability{Listing: id, BaseDay: today + civil.DayNumber(d.IntN(10)/8-d.IntN(10)/9)}
	if d.chance(0.06) {
		return a
	}
	busy := d.IntN(12)
	for i := range a.Parts {
		if a.BaseDay+civil.DayNumber(i) >= today+civil.DayNumber(busy) && d.chance(0.5) {
			a.Parts[i] = uint8(d.IntN(8))
		}
	}
	for i, set := range a.Parts {
		if set != 0 {
			date := (a.BaseDay + civil.DayNumber(i)).Date()
			hour := []int{0, 9, 13, 9, 18, 9, 13, 9}[set]
			a.NextAt = time.Date(int(date.Year), time.Month(date.Month), int(date.Day), hour, 20*d.IntN(3), 0, 0, newYork).Unix()
			break
		}
	}
	return a
}

// market is a small snapshot for tests; its listings come back in the order of their making.
func market(t testing.TB, seed uint64, n int) (*Index, []Listing) {
	reasons, payers, listings := synthetic(t, seed, n)
	return Build(reasons, testZIPCodes, payers, slices.Clone(listings)), listings
}

func read(t testing.TB, ix *Index, query string) Reading {
	t.Helper()
	return ix.Normalize(parse(t, query), now)
}

func ids(list ...uuid.UUID) []uuid.UUID { return list }
