// Package bench measures the product against bare SQL in the same database, in the same minute: what each spends of the
// processors, and how much each does. It drives the site from outside, as visitors do. A tool, not product.
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
	Site             int    // the process that serves it, and does nothing else
	Gateway          *tenancy.Gateway
	Market           *search.Market
	Keys             *keys.Keyring
	AdminURL, AppURL string
	MaxConns         int32 // of the site
	HashPassword     func(string) (string, error)
	Cards            func(io.Writer) error // writes a page of twenty results
	// makes an organization with this word in addresses
	Provision func(context.Context, string) (tenancy.Tenant, error)
	// writes a CPU profile of the site, by the name of what is measured, until stop
	Profile func(name string) (stop func() error, err error)
	// starts the program on a fresh and then on existing data folders; may be nil
	Start func(context.Context) ([]time.Duration, error)
}

// Options say how long to measure.
type Options struct {
	Clients int           // of the closed loops
	Rounds  int           // of each figure
	Span    time.Duration // of one loop
	Large   int           // listings of the market in memory
	Tenants int           // organizations that connections come to see
	Racers  int
	Say     func(string)
}

type bench struct {
	Target
	Options
	folder    string
	dice      *rand.Rand
	stock     *stock
	meter     meter
	pgbench   *pgbench
	site      *site
	terms     []term
	lastEvent int64 // before bare SQL books
	report    Report
}

// underWay bounds what is under way in an open loop.
const underWay = 32

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
	for _, step := range []func(context.Context) error{b.againstTheReference, b.race, b.parts,
		b.manyTenants, b.starts} {
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
	if b.site, err = openSite(ctx, b.Target, b.stock, b.terms, b.patients(), underWay, b.dice); err != nil {
		return err
	}
	m := &b.report.Machine
	m.Clients, m.Listings, m.Tenants = b.Clients, b.stock.listings, b.stock.tenants
	err = b.asAdmin(ctx, func(conn *pgx.Conn) error {
		if b.meter, err = b.findServer(ctx, conn); err != nil {
			return err
		}
		if err := conn.QueryRow(ctx, "show server_version").Scan(&m.PostgreSQL); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, setUp, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "vacuum analyze")
		return err
	})
	if err != nil {
		return err
	}
	b.pgbench, err = openPgbench(ctx, b.AppURL, b.folder, b.Clients, b.meter)
	return err
}

// findServer finds the processes of the database: all are children of the one that made this connection's.
func (b *bench) findServer(ctx context.Context, conn *pgx.Conn) (meter, error) {
	var backend int
	if err := conn.QueryRow(ctx, "select pg_backend_pid()").Scan(&backend); err != nil {
		return meter{}, err
	}
	all, err := processes()
	if err != nil {
		return meter{}, err
	}
	if p, ok := all[backend]; ok && p.parent > 1 {
		return meter{b.Site, p.parent}, nil
	}
	return meter{}, errors.New("the database server is not on this machine, so what it spends cannot be told")
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
			if found := ix.Search(r.Query, now); r.Ready && found.Locations > 0 {
				out = append(out, term{reason, service[reason],
					search.ZIPCode{ZIP: p.ZIP, Town: p.Town, State: p.State, Lat: p.Lat, Lon: p.Lon}, found.Locations})
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
