package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/tenancy"
)

// making is held by whoever makes a database: roles and secrets belong to the whole cluster.
var making sync.Mutex

func (at cluster) fresh(t testing.TB, o tenancy.Options, as kind) *DB {
	t.Helper()
	db, err := at.create(t.Context(), "fresh_"+fmt.Sprint(serial.Add(1)), o, as)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Gateway.Close(); db.Owner.Close() })
	return db
}

// kind is what a database is migrated as, and the name of the one of its kind that the others are copies of.
type kind struct {
	first string
	open  func(ctx context.Context, url string) (*tenancy.Owner, error)
}

var (
	product       = kind{"first", tenancy.OpenOwner}
	demonstration = kind{"first_demonstration", tenancy.OpenDemonstrationOwner}
)

// create makes a database. To migrate one from nothing takes seconds, to copy one that is migrated tenths of one.
func (at cluster) create(ctx context.Context, name string, o tenancy.Options, as kind) (*DB, error) {
	making.Lock()
	defer making.Unlock()
	// Main read it before the test cache took notes: a result belongs to one PostgreSQL
	_ = os.Getenv("KINDWARD_POSTGRES_BIN")
	admin, err := pgx.Connect(ctx, at.server.URL("postgres", "postgres"))
	if err != nil {
		return nil, err
	}
	defer admin.Close(ctx)
	var copied bool
	err = admin.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", as.first).Scan(&copied)
	if err != nil {
		return nil, err
	}
	if !copied {
		first, err := at.migrate(ctx, admin, as.first, "template1", as)
		if err != nil {
			return nil, err
		}
		first.Owner.Close()
		if err := listNobody(ctx, first); err != nil {
			return nil, err
		}
	}
	db, err := at.migrate(ctx, admin, name, as.first, as)
	if err != nil {
		return nil, err
	}
	return db, db.connect(ctx, o)
}

// listNobody keeps a list of exclusions with somebody on it whom no test names, so that the worker need not fetch one.
// It is from a time that no test reaches, so that it stays new.
func listNobody(ctx context.Context, db *DB) error {
	admin, err := pgx.Connect(ctx, db.AdminURL())
	if err != nil {
		return err
	}
	defer admin.Close(ctx)
	_, err = admin.Exec(ctx, `insert into onboarding.exclusion_list (hash, entries, as_of, looked_at)
		values (sha256('nobody'), 1, '2100-01-01', '2100-01-01')`)
	return err
}

// migrate makes a database from another one and migrates it, which also says what no copy has: its rights.
func (at cluster) migrate(ctx context.Context, admin *pgx.Conn, name, from string, as kind) (*DB, error) {
	_, err := admin.Exec(ctx, "create database "+name+" template "+from)
	if err != nil {
		return nil, err
	}
	db := &DB{Name: name, cluster: at}
	if db.Keys, err = keys.Open(db.SecretsFile()); err != nil {
		return nil, err
	}
	if db.Owner, err = as.open(ctx, db.AdminURL()); err != nil {
		return nil, err
	}
	return db, db.Owner.Migrate(ctx, db.Keys, func(string) {})
}

// connect opens the gateway, behind the pooler where there is one.
func (db *DB) connect(ctx context.Context, o tenancy.Options) (err error) {
	pooled := os.Getenv(throughPooler) != "" && db.cluster == common
	if _, err = db.Owner.BindTickets(ctx, !pooled); err != nil {
		return err
	}
	if pooled && bouncer == nil {
		bouncer, err = startPooler(context.WithoutCancel(ctx), db.cluster.folder, db.Name, db.Keys)
		if err != nil {
			return err
		}
	}
	if o.Wait == 0 {
		o.Wait = longestWait
	}
	db.Gateway, err = tenancy.Open(ctx, db.AppURL(), db.Keys, o)
	return err
}
