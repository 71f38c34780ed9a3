package tenancy

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// policies writes the row-level security of tables. All policy text of the product comes from here.
type policies struct{ bare bool }

// newPolicies asks whether the engine allows sub-queries in policies: plain PostgreSQL does, a distributed one does not.
func newPolicies(ctx context.Context, tx pgx.Tx) (policies, error) {
	var citus bool
	err := tx.QueryRow(ctx, `select exists (select from pg_extension where extname = 'citus')`).Scan(&citus)
	return policies{bare: citus}, err
}

// call is how a policy asks the context. The sub-select is evaluated once per statement, the bare call once per row.
func (p policies) call(function string) string {
	if p.bare {
		return "ctx." + function + "()"
	}
	return "(select ctx." + function + "())"
}

// gate shuts a tenant's table for everybody but its tenant; uuid.Nil shuts it for all.
func (p policies) gate(schema, table string, tenant uuid.UUID) []string {
	open := "false"
	if tenant != uuid.Nil {
		open = p.call("tenant") + " = '" + tenant.String() + "'::uuid"
	}
	name := pgx.Identifier{schema, table}.Sanitize()
	return []string{
		"alter table " + name + " enable row level security",
		"alter table " + name + " force row level security",
		"create policy gate on " + name + " using (" + open + ") with check (" + open + ")",
	}
}

// shared are the gates of shared tables with tenant rows: who may read, who may write.
func (p policies) shared() []struct{ table, name, text string } {
	mine := "tenant_id = " + p.call("tenant")
	var out []struct{ table, name, text string }
	add := func(table, name, text string) {
		out = append(out, struct{ table, name, text string }{table, name, text})
	}
	for _, table := range []string{"market.listing", "market.busy", "market.availability", "market.appointment_index"} {
		read := "true"
		if table == "market.appointment_index" {
			read = mine + " or account_id = " + p.call("subject")
		}
		add(table, "read", "for select using ("+read+")")
		add(table, "add", "for insert with check ("+mine+")")
		add(table, "change", "for update using ("+mine+") with check ("+mine+")")
		add(table, "remove", "for delete using ("+mine+")")
	}
	same := "tenant_id is not distinct from " + p.call("tenant")
	add("outbox.event", "add", "for insert to kindward_app with check ("+same+")")
	add("outbox.event", "read", "for select to kindward_app using ("+mine+")")
	add("outbox.event", "relay", "for select to kindward_relay using (true)")
	add("audit.event", "add", "for insert to kindward_app with check ("+same+" and actor is not distinct from "+p.call("subject")+")")
	add("audit.event", "read", "for select to kindward_app using ("+mine+" or patient = "+p.call("subject")+")")
	return out
}

// guardShared adds what is missing of the shared tables' gates.
func (o *Owner) guardShared(ctx context.Context) error {
	return pgx.BeginFunc(ctx, o.pool, func(tx pgx.Tx) error {
		p, err := newPolicies(ctx, tx)
		if err != nil {
			return err
		}
		for _, policy := range p.shared() {
			var there bool
			err := tx.QueryRow(ctx, `select exists (select from pg_policy where polrelid = $1::text::regclass and polname = $2)`, policy.table, policy.name).Scan(&there)
			if err != nil {
				return err
			}
			if there {
				continue
			}
			for _, sql := range []string{
				"alter table " + policy.table + " enable row level security",
				"alter table " + policy.table + " force row level security",
				fmt.Sprintf("create policy %s on %s %s", policy.name, policy.table, policy.text),
			} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return fmt.Errorf("%s: %w", policy.table, err)
				}
			}
		}
		return nil
	})
}
