package tenancy

import (
	"context"
	"encoding/hex"
	"fmt"
	"sort"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"kindward/migrations"
)

// migrationWorkers is how many tenants are migrated at a time.
const migrationWorkers = 4

// grants of the app's role per table; whatever is not named here gets all four.
var grants = map[string]string{
	"consent":           "select, insert",
	"home_address":      "select, insert",
	"intake_answer":     "select, insert",
	"patient_name_word": "select, insert, delete",
	"request_key":       "select, insert, delete",
}

// steps are the files of the tenant migrations: steps[v] leads from version v to v+1.
func steps() ([]string, error) {
	entries, err := migrations.Tenant.ReadDir("tenant")
	if err != nil {
		return nil, err
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	var out []string
	for _, e := range entries {
		raw, err := migrations.Tenant.ReadFile("tenant/" + e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, string(raw))
	}
	return out, nil
}

// MigrateTenants brings the template and then every tenant to this program's version, each in one transaction.
// What is done stays done: killed and started again, it goes on where it was. An organization whose rows a step refuses
// does not keep it from the others; a BehindError names those that were refused.
func (o *Owner) MigrateTenants(ctx context.Context, say func(string)) error {
	all, err := steps()
	if err != nil {
		return err
	}
	return o.migrateTenants(ctx, all, say)
}

func (o *Owner) migrateTenants(ctx context.Context, all []string, say func(string)) error {
	if err := o.bring(ctx, Tenant{Schema: TemplateSchema}, all); err != nil {
		return err
	}
	behind, err := o.behind(ctx, len(all))
	if err != nil || len(behind) == 0 {
		return err
	}
	var refused refusals
	// The first is the canary: a step that is wrong by itself fails there and touches nobody else.
	if err := refused.keep(behind[0], o.bring(ctx, behind[0], all)); err != nil {
		return err
	}
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(migrationWorkers)
	for _, t := range behind[1:] {
		group.Go(func() error {
			if n := done.Add(1) + 1; n%50 == 0 {
				say(fmt.Sprintf("migrated %d of %d organizations", n, len(behind)))
			}
			return refused.keep(t, o.bring(ctx, t, all))
		})
	}
	return refused.error(group.Wait(), len(behind))
}

// behind are the organizations that are not at a version yet, the oldest first.
func (o *Owner) behind(ctx context.Context, version int) ([]Tenant, error) {
	rows, err := o.pool.Query(ctx, `select id, slug, schema_name from directory.tenant where schema_version < $1
		order by created_at, id`, version)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Tenant, err error) {
		return t, row.Scan(&t.ID, &t.Slug, &t.Schema)
	})
}

// Provision registers an organization and makes its schema. ID must be set; the schema's name follows from it.
func (o *Owner) Provision(ctx context.Context, t Tenant) (Tenant, error) {
	all, err := steps()
	if err != nil {
		return t, err
	}
	return o.provision(ctx, t, all)
}

func (o *Owner) provision(ctx context.Context, t Tenant, all []string) (Tenant, error) {
	t.Schema, t.Version = "t_"+hex.EncodeToString(t.ID[8:]), 0
	err := o.as(ctx, "kindward_owner", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into directory.tenant (id, slug, kind, name, about, phone, zone, schema_name) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			t.ID, t.Slug, t.Kind, t.Name, t.About, t.Phone, t.Zone, t.Schema)
		if err != nil {
			return err
		}
		return build(ctx, tx, t, all)
	})
	t.Version = len(all)
	return t, err
}

// bring reads the version under the row's lock: of two programs that migrate at once, one does it and the other sees it
// done.
func (o *Owner) bring(ctx context.Context, t Tenant, all []string) error {
	err := o.as(ctx, "kindward_owner", func(tx pgx.Tx) error {
		var err error
		if t.ID == uuid.Nil {
			err = tx.QueryRow(ctx, `select version from directory.template for update`).Scan(&t.Version)
		} else {
			err = tx.QueryRow(ctx, `select schema_version from directory.tenant where id = $1 for update`, t.ID).Scan(&t.Version)
		}
		if err != nil || t.Version >= len(all) {
			return err
		}
		return build(ctx, tx, t, all)
	})
	if err != nil {
		return fmt.Errorf("schema %s from version %d: %w", t.Schema, t.Version, err)
	}
	return nil
}

// insider shows the database a ticket of its own making, so that a step that touches rows finds them: forced row-level
// security binds the owner too, and an update that finds nothing would look done. The template and a database without
// keys have no rows.
const insider = `with k as (select kid, ipad, opad from ctx.key order by created_at desc, kid limit 1),
	t as (select kid || '.' || $1::uuid || '.-.-.-.' || extract(epoch from now() + interval '1 hour')::bigint || '.p' || pg_backend_pid() as body, ipad, opad from k)
	select set_config('app.ctx', body || '.' || encode(sha256(opad || sha256(ipad || convert_to(body, 'UTF8'))), 'hex'), true) from t`

// build runs the missing steps in the tenant's schema, then gates and grants every table that has no gate yet. A step
// goes to the server as it is written: without arguments a text of many statements is one simple query, so nothing here
// need know where a function body, a string or a comment ends.
func build(ctx context.Context, tx pgx.Tx, t Tenant, all []string) error {
	if t.ID != uuid.Nil && t.Version > 0 {
		if err := enterAsOwner(ctx, tx, t.ID); err != nil {
			return err
		}
	}
	schema := pgx.Identifier{t.Schema}.Sanitize()
	texts := append([]string{"create schema if not exists " + schema + "; grant usage on schema " + schema +
		" to kindward_app; " +
		"set local search_path = " + schema + ", pg_temp"}, all[t.Version:]...)
	for _, text := range texts {
		if _, err := tx.Exec(ctx, text); err != nil {
			return err
		}
	}
	if err := setVersion(ctx, tx, t.ID, len(all)); err != nil {
		return err
	}
	return guard(ctx, tx, t)
}

// enterAsOwner shows the ticket that insider makes; only kindward_ctx reads the keys.
func enterAsOwner(ctx context.Context, tx pgx.Tx, tenant uuid.UUID) error {
	var b pgx.Batch
	b.Queue("set local role kindward_ctx")
	b.Queue(insider, tenant)
	b.Queue("set local role kindward_owner")
	return tx.SendBatch(ctx, &b).Close()
}

// setVersion notes how far a tenant's schema has come, or the template's where there is no tenant.
func setVersion(ctx context.Context, tx pgx.Tx, tenant uuid.UUID, version int) error {
	if tenant == uuid.Nil {
		_, err := tx.Exec(ctx, "update directory.template set version = $1", version)
		return err
	}
	_, err := tx.Exec(ctx, "update directory.tenant set schema_version = $2 where id = $1", tenant, version)
	return err
}

func guard(ctx context.Context, tx pgx.Tx, t Tenant) error {
	p, err := newPolicies(ctx, tx)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select c.relname::text from pg_class c where c.relnamespace = $1::text::regnamespace and c.relkind in ('r', 'p')
		and not exists (select from pg_policy p where p.polrelid = c.oid) order by 1`, t.Schema)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	var b pgx.Batch
	for _, table := range tables {
		for _, sql := range p.gate(t.Schema, table, t.ID) {
			b.Queue(sql)
		}
		may, ok := grants[table]
		if !ok {
			may = "select, insert, update, delete"
		}
		b.Queue("grant " + may + " on " + pgx.Identifier{t.Schema, table}.Sanitize() + " to kindward_app")
	}
	return tx.SendBatch(ctx, &b).Close()
}
