package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/bench"
	"kindward/internal/embedpg"
	"kindward/internal/identity"
	"kindward/internal/keys"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

type benchCmd struct {
	Organizations int           `name:"organizations" help:"Organizations of the region that is measured on, at most 1,000." default:"64"`
	Listings      int           `help:"Its listings, at most 100,000; 0 for as many as come by themselves." default:"0"`
	Rounds        int           `help:"Rounds of each figure; five or more say something." default:"5"`
	Span          time.Duration `help:"Length of each loop." default:"2s"`
	Clients       int           `help:"Clients of the closed loops, at most 32." default:"8"`
	JSON          string        `help:"File for the figures as JSON." placeholder:"FILE"`
	Tenants       int           `help:"Organizations that connections come to see." default:"1000"`
	Profiles      string        `help:"Existing folder for CPU profiles of the site." placeholder:"DIR"`
	Check         bool          `help:"Fail when a floor of docs/performance.md is missed or cannot be told."`
	Start         bool          `help:"Measure the cold start too." default:"true" negatable:""`

	out     io.Writer // nil = standard output
	fast    bool      // without durability: for the test of the bench only
	large   int       // listings of the market in memory; 0 = largeMarket
	program string    // to start; "" = this one
}

// largeMarket is the number of listings for which performance.md sets the floor of the search.
const largeMarket = 100_000

// Run measures on a database of its own and leaves nothing behind.
func (c *benchCmd) Run(ctx context.Context) error {
	if c.Rounds < 1 || c.Span < 50*time.Millisecond || c.Clients < 1 || c.Clients > 32 || c.Tenants < 1 {
		return errors.New(
			"the bench needs a round or more, a span of 50ms or more, 1 to 32 clients, and an organization or more")
	}
	if c.out == nil {
		c.out = os.Stdout
	}
	report, err := c.measure(ctx)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	last, err := bench.Last()
	if err != nil {
		return fmt.Errorf("bench: the last table: %w", err)
	}
	report.CompareWith(last)
	if err := report.Write(c.out); err != nil {
		return err
	}
	if c.JSON != "" {
		raw, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.JSON, append(raw, '\n'), 0o644); err != nil {
			return err
		}
	}
	if c.Check {
		return report.Err()
	}
	return nil
}

func (c *benchCmd) measure(ctx context.Context) (report bench.Report, err error) {
	dir, err := os.MkdirTemp("", "kindward-bench-")
	if err != nil {
		return report, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // a server that drops root must reach its cluster below
		return report, err
	}
	b, leave, err := c.openBase(ctx, dir)
	if err != nil {
		return report, err
	}
	defer func() { tidied(leave()) }()
	owner, err := b.migrate(ctx, tenancy.OpenDemonstrationOwner)
	if err != nil {
		return report, err
	}
	defer owner.Close()
	gateway, err := b.openGateway(ctx)
	if err != nil {
		return report, err
	}
	defer gateway.Close()
	sum, err := b.seed(ctx, owner, c.Organizations, c.Listings)
	if err != nil {
		return report, err
	}
	say(sum.String())
	// The worker of a deployment keeps writing what searches know of free times; here it is done once.
	market, err := search.OpenSavingMarket(ctx, gateway, b.zone(), time.Now)
	if err != nil {
		return report, err
	}
	defer market.Close()
	if err := market.Prepare(ctx); err != nil {
		return report, err
	}
	site, err := b.startSite(ctx, c.program, c.Profiles)
	if err != nil {
		return report, err
	}
	defer func() { tidied(site.stop()) }()
	app, err := b.as("kindward_app")
	if err != nil {
		return report, err
	}
	h := bench.Target{Address: site.address, Site: site.process.Process.Pid, Gateway: gateway, Market: market,
		Keys: b.ring, AdminURL: b.admin, AppURL: app, MaxConns: b.MaxConns,
		HashPassword: identity.HashPassword, Cards: twentyCards(),
		Provision: provision(owner), Profile: site.profile}
	if c.Start {
		h.Start = func(ctx context.Context) ([]time.Duration, error) { return coldStarts(ctx, c.program, dir) }
	}
	return bench.Run(ctx, h, bench.Options{Clients: c.Clients, Rounds: c.Rounds, Span: c.Span,
		Large: cmp.Or(c.large, largeMarket), Tenants: c.Tenants, Racers: 64, Say: say})
}

// tidied tells what could not be put away. It takes no figure back.
func tidied(err error) {
	if err != nil {
		say("Putting away: " + err.Error())
	}
}

// provision makes organizations that have a schema and nothing in it.
func provision(owner *tenancy.Owner) func(context.Context, string) (tenancy.Tenant, error) {
	return func(ctx context.Context, word string) (tenancy.Tenant, error) {
		id, err := uuid.NewV7()
		if err != nil {
			return tenancy.Tenant{}, err
		}
		return owner.Provision(ctx, tenancy.Tenant{ID: id, Slug: word, Kind: "clinic", Name: word,
			Zone: "America/New_York"})
	}
}

// openBase is a product of its own: a private cluster in dir, or a database of its own on the server of DATABASE_URL.
// leave takes away what was made.
func (c *benchCmd) openBase(ctx context.Context, dir string) (b *base, leave func() error, err error) {
	conf, err := readConfig()
	if err != nil {
		return nil, nil, err
	}
	conf.DataDir, conf.Secrets = dir, filepath.Join(dir, "secrets.json")
	conf.BaseURL, conf.SMTP, conf.Pooler = "", "", ""
	conf.Proxies = "127.0.0.1/32" // each visitor of the bench comes from an address of its own
	b = &base{config: conf, log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		admin: conf.DatabaseURL}
	if b.ring, err = keys.Open(conf.Secrets); err != nil {
		return nil, nil, err
	}
	if b.admin != "" {
		leave, err = b.borrow(ctx)
		return b, leave, err
	}
	if b.postgres, err = embedpg.Start(ctx, embedpg.Options{DataDir: dir, Say: say, Fast: c.fast}); err != nil {
		return nil, nil, err
	}
	b.admin = b.postgres.URL("postgres", "kindward")
	return b, b.postgres.Stop, nil
}

// borrow makes a database on an existing server. It refuses one that serves a Kindward: roles and their passwords
// belong to the whole server, and the bench has its own.
func (b *base) borrow(ctx context.Context) (leave func() error, err error) {
	given := b.admin
	conn, err := pgx.Connect(ctx, given)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var taken bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_roles where rolname like 'kindward\_%')`).Scan(
		&taken); err != nil {
		return nil, err
	}
	if taken {
		return nil, errors.New("the server of DATABASE_URL serves a Kindward already; measure on another server, or unset DATABASE_URL for a private one")
	}
	if _, err := conn.Exec(ctx, "create database kindward_bench"); err != nil {
		return nil, err
	}
	if b.admin, err = inDatabase(given, "kindward_bench"); err != nil {
		return nil, err
	}
	return func() error { return giveBack(context.WithoutCancel(ctx), given) }, nil
}

func giveBack(ctx context.Context, admin string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "drop database if exists kindward_bench with (force)"); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "drop role if exists kindward_app, kindward_identity, kindward_relay, kindward_audit, kindward_ctx, kindward_owner")
	return err
}
