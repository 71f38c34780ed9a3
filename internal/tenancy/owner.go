package tenancy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"

	"kindward/internal/keys"
	"kindward/migrations"
)

// Supported PostgreSQL major versions.
const (
	OldestPostgres = 15
	NewestPostgres = 18
)

// migrationLock is the advisory lock of whoever migrates a database. Its two keys lie in a space that the app's role
// cannot lock in.
const (
	migrationLock       = `select pg_advisory_lock(1802071652, 2002874980)` // "kind", "ward"
	migrationLockIsFree = `select pg_advisory_unlock(1802071652, 2002874980)`
)

// ErrVersion means that the server is none of the supported versions.
var ErrVersion = errors.New("unsupported PostgreSQL version")

// Owner builds and changes schemas. It connects as an administrator and acts as kindward_owner; requests never use it.
type Owner struct {
	pool          *pgxpool.Pool
	demonstration bool // what it makes of an empty database, and refuses of others
}

// OpenOwner connects to the server as its administrator.
func OpenOwner(ctx context.Context, url string) (*Owner, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be read: %w", err)
	}
	config.MaxConns = 8
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	var version string
	if err := pool.QueryRow(ctx, "show server_version_num").Scan(&version); err != nil {
		pool.Close()
		return nil, fmt.Errorf("cannot connect to the database: %w", err)
	}
	n, _ := strconv.Atoi(version)
	if major := n / 10000; major < OldestPostgres || major > NewestPostgres {
		pool.Close()
		return nil, fmt.Errorf("%w: the server is %d, Kindward works with %d to %d", ErrVersion, major, OldestPostgres,
			NewestPostgres)
	}
	return &Owner{pool: pool}, nil
}

// Close closes the administrator's connections.
func (o *Owner) Close() { o.pool.Close() }

// Migrate brings the whole database to this program's version: roles, shared schemas, gates, keys, template, every
// tenant. Of several programs that start at once, one migrates and the others wait for it.
func (o *Owner) Migrate(ctx context.Context, ring *keys.Keyring, say func(string)) error {
	conn, err := o.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, migrationLock); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), migrationLockIsFree)
	if err := o.CheckKeys(ctx, ring); err != nil {
		return err
	}
	if err := ring.Keep(); err != nil {
		return err
	}
	if _, err := o.pool.Exec(ctx, migrations.Bootstrap, pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("roles and schemas: %w", err)
	}
	if err := o.shutOthers(ctx, say); err != nil {
		return fmt.Errorf("other databases of the server: %w", err)
	}
	if err := o.setPasswords(ctx, ring); err != nil {
		return fmt.Errorf("passwords of roles: %w", err)
	}
	if err := o.migrateShared(ctx); err != nil {
		return fmt.Errorf("shared schemas: %w", err)
	}
	if o.demonstration {
		if err := o.mayBeDemonstration(ctx); err != nil {
			return err
		}
	}
	if err := o.guardShared(ctx); err != nil {
		return fmt.Errorf("gates of shared tables: %w", err)
	}
	for _, key := range ring.All() {
		if err := o.InstallKey(ctx, key); err != nil {
			return fmt.Errorf("ticket keys: %w", err)
		}
	}
	if err := o.RememberKeys(ctx, ring); err != nil {
		return fmt.Errorf("known keys: %w", err)
	}
	return o.MigrateTenants(ctx, say)
}

func (o *Owner) setPasswords(ctx context.Context, ring *keys.Keyring) error {
	for _, role := range []string{"kindward_app", identityRole, "kindward_relay"} {
		word := strings.ReplaceAll(ring.Password(role), "'", "''")
		if _, err := o.pool.Exec(ctx, "alter role "+role+" password '"+word+"'"); err != nil {
			return err
		}
	}
	return nil
}

func (o *Owner) migrateShared(ctx context.Context) error {
	return o.shared(ctx, func(p *goose.Provider) error { _, err := p.Up(ctx); return err })
}

// shared runs fn with the shared migrations. Whoever migrates has the lock already.
func (o *Owner) shared(ctx context.Context, fn func(*goose.Provider) error) error {
	files, err := fs.Sub(migrations.Shared, "shared")
	if err != nil {
		return err
	}
	db := o.database()
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return err
	}
	return fn(provider)
}

// InstallKey lets the database verify tickets of this key, bound to a connection or not as those of the newest, and
// forgets all but the three newest.
func (o *Owner) InstallKey(ctx context.Context, key keys.Key) error {
	inner, outer := pads(key)
	return o.as(ctx, "kindward_ctx", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into ctx.key (kid, ipad, opad, bind_connection) values ($1, $2, $3,
			coalesce((select bind_connection from ctx.key order by created_at desc, kid limit 1), true))
			on conflict do nothing`, key.ID, inner, outer)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from ctx.key where kid not in (select kid from ctx.key order by created_at desc, kid limit 3)`)
		return err
	})
}

// BindTickets binds tickets to the connection on which they are used first, or no longer: behind a pooler they cannot
// be, and whoever overhears one can use it on another connection until it runs out. It tells whether that is new.
func (o *Owner) BindTickets(ctx context.Context, bound bool) (changed bool, err error) {
	err = o.as(ctx, "kindward_ctx", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update ctx.key set bind_connection = $1 where bind_connection <> $1`, bound)
		changed = tag.RowsAffected() > 0
		return err
	})
	return changed, err
}

// AsAudit runs fn in one transaction as the role that owns the audit.
func (o *Owner) AsAudit(ctx context.Context, fn func(pgx.Tx) error) error {
	return o.as(ctx, "kindward_audit", fn)
}

// as runs fn in one transaction as another role; a lock is waited for at most two seconds.
func (o *Owner) as(ctx context.Context, role string, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, o.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local role "+role); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "set local lock_timeout = '2s'"); err != nil {
			return err
		}
		return fn(tx)
	})
}
