// Package pgtest gives tests a real PostgreSQL: one private cluster per test binary, and a clinic of its own for every
// test. A tool, not product.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/embedpg"
	"kindward/internal/keys"
	"kindward/internal/tenancy"
)

// cluster is a PostgreSQL with the folder in which the secrets of its databases are.
type cluster struct {
	server *embedpg.Server
	folder string
}

var (
	common  cluster // of all tests of the binary but those that harm one
	bouncer *pooler // in front of the common server, if the environment wants one
	serial  atomic.Int64
	once    sync.Once
	shared  *DB
	startup error
	demo    = sync.OnceValues(func() (*DB, error) {
		return common.create(context.Background(), "demonstration", tenancy.Options{}, demonstration)
	})
)

// longestWait is how long a test waits for a connection that does not say otherwise: a machine that has much else to do
// opens one slowly, and that nobody waits for long is for other tests to show.
const longestWait = time.Minute

// Main is the TestMain of packages that use a database: it starts the cluster before the tests and stops it after them,
// once what the tests shared has been put away.
func Main(m *testing.M, putAway ...func()) {
	code := func() int {
		dir, err := os.MkdirTemp("", "kindward-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		if err := os.Chmod(dir, 0o755); err != nil { // a server that drops root must reach its cluster below
			return 1
		}
		common.folder = dir
		common.server, err = embedpg.Start(context.Background(), embedpg.Options{DataDir: dir, Fast: true})
		if err != nil {
			fmt.Fprintln(os.Stderr, "the tests need PostgreSQL:", err)
			return 1
		}
		defer common.server.Stop()
		defer func() {
			if bouncer != nil {
				bouncer.stop()
			}
		}()
		for _, f := range putAway {
			defer f()
		}
		return m.Run()
	}()
	os.Exit(code)
}

// DB is a migrated database.
type DB struct {
	Name    string
	Keys    *keys.Keyring
	Owner   *tenancy.Owner
	Gateway *tenancy.Gateway

	cluster cluster
	mu      sync.Mutex
	admins  map[testing.TB]*pgx.Conn
}

// Behind is the same database, used through another gateway.
func (db *DB) Behind(gateway *tenancy.Gateway) *DB {
	return &DB{Name: db.Name, Keys: db.Keys, Owner: db.Owner, Gateway: gateway, cluster: db.cluster}
}

// AdminURL connects as the server's administrator.
func (db *DB) AdminURL() string { return db.cluster.server.URL("postgres", db.Name) }

// AppURL connects as the app's role.
func (db *DB) AppURL() string {
	if bouncer != nil && db.cluster == common {
		return bouncer.url(db.Name)
	}
	return roleURL(db.AdminURL(), "kindward_app", db.Keys)
}

// IdentityURL connects as the role for what lets people in.
func (db *DB) IdentityURL() string { return roleURL(db.AdminURL(), "kindward_identity", db.Keys) }

// RelayURL connects as the role that reads the outbox.
func (db *DB) RelayURL() string { return roleURL(db.AdminURL(), "kindward_relay", db.Keys) }

// SecretsFile is where the keys and passwords of the cluster's databases are, for programs that tests start.
func (db *DB) SecretsFile() string { return filepath.Join(db.cluster.folder, "secrets.json") }

func roleURL(admin, role string, ring *keys.Keyring) string {
	u, err := url.Parse(admin)
	if err != nil {
		panic(err)
	}
	u.User = url.UserPassword(role, ring.Password(role))
	return u.String()
}

// Open gives the binary's one shared database; tests stay apart by having a clinic each.
func Open(t testing.TB) *DB {
	t.Helper()
	once.Do(func() {
		name := "shared_" + fmt.Sprint(serial.Add(1))
		shared, startup = common.create(context.Background(), name, tenancy.Options{}, product)
	})
	if startup != nil {
		t.Fatal(startup)
	}
	return shared
}

// Demonstration gives the binary's one database in which people may be invented, for a program that does.
func Demonstration(t testing.TB) *DB {
	t.Helper()
	db, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Fresh gives a database of its own, for tests that change what all tenants share.
func Fresh(t testing.TB, o tenancy.Options) *DB {
	t.Helper()
	return common.fresh(t, o, product)
}

// FreshDemonstration is Fresh for a database in which people may be invented.
func FreshDemonstration(t testing.TB, o tenancy.Options) *DB {
	t.Helper()
	return common.fresh(t, o, demonstration)
}

// Tenant makes an empty organization of its own. A zone may be given; New York otherwise.
func (db *DB) Tenant(t testing.TB, kind string, zone ...string) tenancy.Tenant {
	t.Helper()
	zone = append(zone, "America/New_York")
	id := uuid.Must(uuid.NewV7())
	tenant, err := db.Owner.Provision(t.Context(), tenancy.Tenant{ID: id, Slug: "test-" + id.String()[24:], Kind: kind,
		Name: "Test " + kind, Zone: zone[0]})
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// Admin runs SQL as the server's administrator, past every gate; to arrange and to look, never to act.
func (db *DB) Admin(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := db.admin(t).Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// admin is the test's own administrator connection.
func (db *DB) admin(t testing.TB) *pgx.Conn {
	t.Helper()
	db.mu.Lock()
	defer db.mu.Unlock()
	if conn, ok := db.admins[t]; ok {
		return conn
	}
	conn := db.Connect(t, db.AdminURL())
	if db.admins == nil {
		db.admins = map[testing.TB]*pgx.Conn{}
	}
	db.admins[t] = conn
	t.Cleanup(func() { // before the connection closes: cleanups run backward
		db.mu.Lock()
		defer db.mu.Unlock()
		delete(db.admins, t)
	})
	return conn
}

// Connect opens one connection that closes with the test.
func (db *DB) Connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// One reads one value as administrator.
func One[T any](t testing.TB, db *DB, sql string, args ...any) (v T) {
	t.Helper()
	if err := db.admin(t).QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// Count reads one number as administrator.
func (db *DB) Count(t testing.TB, sql string, args ...any) int {
	t.Helper()
	return One[int](t, db, sql, args...)
}
