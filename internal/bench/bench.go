// Package bench measures the product against the limit of the machine that it runs on: bare SQL in the same database,
// in the same minute. It drives the site from outside, as visitors do. A tool, not product.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/keys"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Target is the running product on a database of the bench alone.
type Target struct {
	Address          string // host:port of the site, which believes X-Forwarded-For of this machine
	Gateway          *tenancy.Gateway
	Market           *search.Market
	Keys             *keys.Keyring
	AdminURL, AppURL string
	HashPassword     func(string) (string, error)
	Cards            func(io.Writer) error // writes a page of twenty results
	// starts the program on a fresh and then on existing data folders; may be nil
	Start func(context.Context) ([]time.Duration, error)
}

// Options say how long to measure.
type Options struct {
	Clients  int           // of the closed loops
	Rounds   int           // of each figure
	Span     time.Duration // of one loop
	Large    int           // listings of the market in memory
	Racers   int
	Profiles string // folder for CPU profiles of booking and searching, or ""
	Say      func(string)
}

type bench struct {
	Target
	Options
	folder string
	dice   *rand.Rand
	stock  *stock
	limit  *limit
	site   *site
	terms  []term
	report Report
}

// openPlaces bounds what is under way in an open loop.
const openOrganizations = 32

// Run takes all figures.
func Run(ctx context.Context, h Target, o Options) (Report, error) {
	folder, err := os.MkdirTemp("", "kindward-bench-")
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(folder)
	b := &bench{Target: h, Options: o, folder: folder, dice: rand.New(rand.NewPCG(1, 2))}
	b.report = Report{At: time.Now(), Machine: machine()}
	if err := b.prepare(ctx); err != nil {
		return b.report, err
	}
	defer b.end(context.WithoutCancel(ctx))
	for _, step := range []func(context.Context) error{b.againstTheLimit, b.race, b.parts, b.starts} {
		if err := step(ctx); err != nil {
			return b.report, err
		}
	}
	b.report.Machine.Seconds = time.Since(b.report.At).Seconds()
	return b.report, nil
}

func (b *bench) prepare(ctx context.Context) (err error) {
	if b.stock, err = openStock(ctx, b.Target, b.dice); err != nil {
		return err
	}
	if b.terms, err = b.findTerms(ctx); err != nil {
		return err
	}
	b.Say(fmt.Sprintf("%d free times of %d resources. Signing visitors in ...", len(b.stock.slots),
		len(b.stock.offerings)))
	if b.site, err = openSite(ctx, b.Target, b.stock, b.terms, openOrganizations, openOrganizations, b.dice); err != nil {
		return err
	}
	if b.limit, err = openLimit(ctx, b.Target, b.folder, b.Clients, b.stock); err != nil {
		return err
	}
	m := &b.report.Machine
	m.Limit, m.Clients, m.Listings, m.Tenants = b.limit.name(), b.Clients, b.stock.listings, b.stock.tenants
	return b.asAdmin(ctx, func(conn *pgx.Conn) error {
		if err := conn.QueryRow(ctx, "show server_version").Scan(&m.PostgreSQL); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, setUp, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "vacuum analyze")
		return err
	})
}

func (b *bench) asAdmin(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, b.AdminURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}

func (b *bench) end(ctx context.Context) {
	b.site.close()
	b.limit.close()
	_ = b.asAdmin(ctx, func(conn *pgx.Conn) error { _, err := conn.Exec(ctx, takeDown); return err })
}

// visitors live in the ZIPs that have the most listings; they look for what is offered most.
const homes, mostTerms = 4, 24

// findTerms are the services that find most, each with a town to look from, and how many results a search has.
func (b *bench) findTerms(ctx context.Context) ([]term, error) {
	places, err := b.Gateway.Public().ZIPCodes(ctx)
	if err != nil {
		return nil, err
	}
	inZIP, service := map[string]int{}, map[string]string{}
	for _, o := range b.stock.offerings {
		inZIP[o.listing.ZIP]++
		service[o.listing.Reason] = o.listing.Service
	}
	slices.SortStableFunc(places, func(p, q shareddb.MarketZIPCode) int { return inZIP[q.ZIP] - inZIP[p.ZIP] })
	places = places[:min(homes, len(places))]
	ix, now := b.Market.Live().Index(), b.Market.Now()
	var out []term
	for _, reason := range slices.Sorted(maps.Keys(service)) {
		for _, p := range places {
			r := ix.Normalize(url.Values{"reason": {service[reason]}, "near": {p.ZIP}}, now)
			if found := ix.Search(r.Query, now); r.Ready && found.Total > 0 {
				out = append(out, term{reason, service[reason],
					search.ZIPCode{ZIP: p.ZIP, Town: p.Town, State: p.State, Lat: p.Lat, Lon: p.Lon}, found.Total})
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no search finds anything")
	}
	slices.SortStableFunc(out, func(x, y term) int { return y.results - x.results })
	return out[:min(mostTerms*homes, len(out))], nil
}

// firstOfNextMonth is where the calendars are opened: a whole month of mostly free times.
func (b *bench) firstOfNextMonth() civil.Date {
	d := civil.DateOf(b.Market.Now())
	first := civil.Date{Year: d.Year, Month: d.Month, Day: 1}.AddDays(32)
	return civil.Date{Year: first.Year, Month: first.Month, Day: 1}
}

// profiled writes a CPU profile of f, if profiles are wanted.
func (b *bench) profiled(name string, f func() *run) (*run, error) {
	if b.Profiles == "" {
		return f(), nil
	}
	file, err := os.Create(filepath.Join(b.Profiles, name+".pprof"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, err
	}
	defer pprof.StopCPUProfile()
	return f(), nil
}
