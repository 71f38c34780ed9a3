package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/embedpg"
	"kindward/internal/keys"
	"kindward/internal/pgdial"
	"kindward/internal/tenancy"
)

// base is what every verb stands on: settings, secrets and a database.
type base struct {
	config
	log       *slog.Logger
	ring      *keys.Keyring
	postgres  *embedpg.Server // nil on an existing PostgreSQL
	admin     string          // the administrator's address
	witness   *audit.Witness  // of all gateways of this process; nil: none
	unwitness func()          // ends it, once it has written down what waits
}

// say tells a person what is going on.
func say(line string) { fmt.Println(line) }

// opener opens the secrets file: keys.Read where there has to be one, keys.Prepare where migrating may make it.
type opener func(path string) (*keys.Keyring, error)

// openBase reads the settings, has them checked and makes sure that there is a database server.
func openBase(ctx context.Context, secrets opener, checks ...func(config) error) (*base, error) {
	c, err := readConfig(checks...)
	if err != nil {
		return nil, err
	}
	return c.open(ctx, secrets)
}

// openBaseListening is openBase for verbs that serve. The address comes first: whoever took it is not worth waiting for
// a database.
func openBaseListening(ctx context.Context, secrets opener, checks ...func(config) error) (*base, *front, error) {
	c, err := readConfig(checks...)
	if err != nil {
		return nil, nil, err
	}
	l, err := openFront(c.Addr)
	if err != nil {
		return nil, nil, err
	}
	b, err := c.open(ctx, secrets)
	if err != nil {
		l.Close()
	}
	return b, l, err
}

func (c config) open(ctx context.Context, secrets opener) (*base, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, fmt.Errorf("KINDWARD_LOG_LEVEL: %q is not debug, info, warn or error", c.LogLevel)
	}
	if err := os.MkdirAll(c.DataDir, 0o755); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made: %w", c.DataDir, err)
	}
	b := &base{config: c, log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
		admin: c.DatabaseURL}
	slog.SetDefault(b.log) // of packages that are given none
	var err error
	if b.ring, err = secrets(c.Secrets); err != nil {
		return nil, err
	}
	if b.admin == "" {
		forgetPostgresSettings()
		if b.postgres, err = embedpg.Start(ctx, embedpg.Options{DataDir: c.DataDir, Say: say,
			Restart: true, Log: b.log}); err != nil {
			return nil, err
		}
		b.admin = b.postgres.URL("postgres", "kindward")
	}
	b.startWitness(ctx)
	return b, nil
}

// noWitness is KINDWARD_WITNESS where processes write nothing down.
const noWitness = "none"

// startWitness begins to write down what this process writes to the audit.
func (b *base) startWitness(ctx context.Context) {
	if b.Witness == noWitness {
		return
	}
	b.witness = audit.NewWitness(b.Witness, time.Now, b.log)
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() { b.witness.Run(ctx) })
	b.unwitness = func() { end(); done.Wait() }
}

// close writes down what the witness was told last, and stops the private database. Gateways are closed before: what
// they tell afterward nobody writes down.
func (b *base) close() {
	if b.unwitness != nil {
		b.unwitness()
	}
	if b.postgres != nil {
		if err := b.postgres.Stop(); err != nil {
			b.log.Error("PostgreSQL did not stop cleanly", "error", err)
		}
	}
}

// as is the address of the same database for one of Kindward's own roles.
func (b *base) as(role string) (string, error) {
	u, err := url.Parse(b.admin)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("DATABASE_URL must look like postgres://user:password@host:port/database")
	}
	u.User = url.UserPassword(role, b.ring.Password(role))
	return u.String(), nil
}

// openGateway connects as the app, with the secrets that belong to the database.
func (b *base) openGateway(ctx context.Context) (*tenancy.Gateway, error) {
	gateway, err := b.gatewayWith(ctx, tenancy.Options{MaxConns: b.MaxConns})
	if tenancy.Code(err) == "28P01" {
		return nil, fmt.Errorf("the database refuses the password of kindward_app or kindward_identity in %s: the file is another deployment's, or kindward migrate was run with another; put the right one back", b.Secrets)
	}
	if err != nil {
		return nil, err
	}
	if err = gateway.CheckKeys(ctx); tenancy.Code(err) == "42P01" { // no such table yet
		err = errors.New("the database is behind this version: run kindward migrate")
	}
	if err != nil {
		gateway.Close()
		return nil, err
	}
	return gateway, nil
}

// gatewayWith goes through the pooler, if there is one.
func (b *base) gatewayWith(ctx context.Context, o tenancy.Options) (*tenancy.Gateway, error) {
	address, err := b.as("kindward_app")
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if b.Pooler == "" {
		pgdial.ServerNoticesAt(u)
	} else {
		q := u.Query()
		q.Del("host") // they would win over the pooler's
		q.Del("port")
		u.Host, u.RawQuery = b.Pooler, q.Encode()
	}
	if b.witness != nil {
		o.Witness = b.witness.Tell
	}
	o.NoPlans = !b.KeptPlans || b.Pooler != ""
	return tenancy.Open(ctx, u.String(), b.ring, o)
}

func (b *base) mailDir() string { return filepath.Join(b.DataDir, "mail") }

// zone is where visitors live; readConfig has checked it.
func (b *base) zone() *time.Location {
	return civil.ZoneOrUTC(b.Zone)
}

// forgetPostgresSettings takes PGHOST and its like out of this process's environment: they mean some other database
// than the private one, whose address says everything.
func forgetPostgresSettings() {
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "PG") {
			_ = os.Unsetenv(name)
		}
	}
}
