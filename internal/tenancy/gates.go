package tenancy

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// policies writes the row-level security of tables. All policy text of the product comes from here.
type policies struct{ bare bool }

// newPolicies asks whether the engine allows sub-queries in policies: plain PostgreSQL does, a distributed one does
// not.
func newPolicies(ctx context.Context, tx pgx.Tx) (policies, error) {
	var p policies
	err := tx.QueryRow(ctx, isDistributed).Scan(&p.bare)
	return p, err
}

const isDistributed = `select exists (select from pg_extension where extname = 'citus')`

// entering is ctx.enter for a distributed engine, which sends SET LOCAL on to where the rows are and set_config() not.
// Elsewhere it would do the same for ten microseconds more.
const entering = `create or replace function ctx.enter(ticket text, schema text, ip text, request text,
	staff_access text, policy text) returns void language plpgsql volatile as $$
begin
	execute pg_catalog.format('set local app.ctx = %L', ticket);
	execute pg_catalog.format('set local app.ip = %L', ip);
	execute pg_catalog.format('set local app.request = %L', request);
	execute pg_catalog.format('set local app.staff_access = %L', staff_access);
	execute pg_catalog.format('set local app.policy = %L', policy);
	execute pg_catalog.format('set local search_path = %I, pg_temp', schema);
end
$$`

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
	const reference = "market.appointment_reference"
	add(reference, "read", "for select using ("+mine+" or "+p.call("staff")+")")
	add(reference, "add", "for insert with check ("+mine+")")
	const both = "kindward_app, " + identityRole
	same := "tenant_id is not distinct from " + p.call("tenant")
	add("outbox.event", "add", "for insert to "+both+" with check ("+same+")")
	add("outbox.event", "read", "for select to kindward_app using ("+mine+")")
	add("outbox.event", "relay", "for select to kindward_relay using (true)")
	add("outbox.event", "prune", "for delete to kindward_relay using (at < now() - interval '30 days')")
	add("outbox.email", "add", "for insert to "+identityRole+" with check (true)") // and never reads: it has no right to
	add("outbox.email", "send", "for select to kindward_relay using (true)")
	add("outbox.email", "mark", "for update to kindward_relay using (true) with check (true)")
	add("outbox.email", "prune", "for delete to kindward_relay using (created_at < now() - interval '30 days')")
	for _, policy := range slices.Concat(p.people(), p.audit(), p.onboarding(), p.forms()) {
		add(policy[0], policy[1], policy[2])
	}
	return out
}

// onboarding are the gates round applications: each is open by its own id, which its organization will have. A person
// sees in which they take part, staff see all.
func (p policies) onboarding() (out [][3]string) {
	mine, staff := "tenant_id = "+p.call("tenant"), p.call("staff")
	for _, table := range []string{"application", "participant", "step", "answer", "check_result", "log", "document",
		"signature"} {
		read := mine + " or " + staff
		if table == "participant" {
			read = mine + " or account_id = " + p.call("subject") + " or " + staff
		}
		table = "onboarding." + table
		out = append(out, [3]string{table, "read", "for select using (" + read + ")"},
			[3]string{table, "add", "for insert with check (" + mine + ")"},
			[3]string{table, "change", "for update using (" + mine + ") with check (" + mine + ")"})
	}
	const hint = "onboarding.hint" // is nobody's: pages write them, the worker deletes old ones
	out = append(out, [3]string{hint, "add", "for insert to kindward_app with check (true)"},
		[3]string{hint, "read", "for select to kindward_relay using (true)"},
		[3]string{hint, "prune", "for delete to kindward_relay using (at < now() - interval '1 day')"})
	const took = "onboarding.step_time" // is nobody's: who acts for the platform measures, and applicants are told
	out = append(out, [3]string{took, "add", "for insert with check (" + staff + ")"},
		[3]string{took, "read", "for select using (true)"})
	for _, table := range []string{"exclusion", "exclusion_list"} { // are nobody's, and the worker's to read
		out = append(out, [3]string{"onboarding." + table, "relay", "to kindward_relay using (true) with check (true)"})
	}
	const ends = "onboarding.expiry_notice" // of which ends of licenses an organization was told
	out = append(out, [3]string{ends, "read", "for select using (" + mine + ")"},
		[3]string{ends, "add", "for insert with check (" + mine + ")"})
	const asked = "onboarding.change" // organizations ask, and take back; who acts for the platform decides
	out = append(out, [3]string{asked, "read", "for select using (" + mine + " or " + staff + ")"},
		[3]string{asked, "add", "for insert with check (" + mine + ")"},
		[3]string{asked, "change", "for update using (" + mine + ") with check (" + mine + ")"},
		[3]string{asked, "ask", "as restrictive for insert with check (status = 'waiting' and by = " + p.call("actor") +
			")"},
		[3]string{asked, "decide", "as restrictive for update using (status = 'waiting') with check (status = 'withdrawn' " +
			"or " + staff + ")"})
	for _, table := range []string{"invitation", "guest_link"} {
		table = "onboarding." + table
		out = append(out, [3]string{table, "read", "for select using (" + mine + ")"},
			[3]string{table, "add", "for insert with check (" + mine + ")"},
			[3]string{table, "change", "for update using (" + mine + ") with check (" + mine + ")"})
	}
	for _, gate := range [][2]string{{"read", "for select using (" + mine + ")"},
		{"add", "for insert with check (" + mine + ")"},
		{"change", "for update using (" + mine + ") with check (" + mine + ")"},
		{"remove", "for delete using (" + mine + ")"}} {
		out = append(out, [3]string{"onboarding.notice", gate[0], gate[1]},
			[3]string{"onboarding.applied_number", gate[0], gate[1]}, [3]string{"onboarding.upload", gate[0], gate[1]})
	}
	out = append(out, [3]string{"onboarding.notice", "relay", "for select to kindward_relay using (true)"},
		[3]string{"onboarding.applied_number", "find", "for select to " + identityRole + " using (" +
			p.call("subject") + " is not null)"},
		[3]string{"onboarding.upload", "relay", "for select to kindward_relay using (true)"}, // it sweeps
		[3]string{"onboarding.upload", "prune", "for delete to kindward_relay using (ends_at < now())"})
	return append(out,
		[3]string{"onboarding.check_result", "registers", "as restrictive for insert with check (" + staff + ")"},
		[3]string{"onboarding.signature", "sign", "as restrictive for insert with check ((side = 'organization' or " +
			staff + ") and (" + p.call("actor") + " is null or by = " + p.call("actor") + "))"},
		[3]string{"onboarding.step", "relay", "for select to kindward_relay using (next_at is not null)"}, // it asks registers
		[3]string{"onboarding.document", "relay", "for select to kindward_relay using (true)"},            // it scans and sweeps
		[3]string{"onboarding.log", "decide", "as restrictive for insert with check ((kind not in ('accepted', " +
			"'approved', 'checked', 'claimed', 'closed', 'compared', 'countersigned', 'distinct', 'duplicate', 'provisioned', " +
			"'refused', 'rejected', 'released', 'returned', 'reworded', 'scanned', 'waived') or " + staff + ") and (" +
			p.call("actor") + " is null or by = " + p.call("actor") + "))"})
}

// forms are the gates round what people are asked: staff write drafts in their own name, everybody is asked by what
// somebody else of them has published.
func (p policies) forms() [][3]string {
	own := p.call("staff") + " and by = " + p.call("actor")
	return [][3]string{{"form.draft", "add", "for insert with check (" + own + ")"},
		{"form.draft", "read", "for select using (" + p.call("staff") + ")"},
		{"form.version", "add", "for insert with check (" + own + " and form.may_publish(form, base, sequence, text))"},
		{"form.version", "read", "for select using (true)"}}
}

// people are the gates round what says who may do what: an organization's own rows, a person's own rows, and what staff
// of the platform may see.
func (p policies) people() (out [][3]string) {
	mine, own, staff := "tenant_id = "+p.call("tenant"), "account_id = "+p.call("subject"), p.call("staff")
	add := func(table, name, text string) { out = append(out, [3]string{table, name, text}) }
	for _, table := range []string{"membership", "invitation", "sso", "sso_domain", "sso_session", "sso_logout",
		"external_identity", "api_key"} {
		read := map[string]string{"membership": mine + " or " + own + " or " + staff, "sso_domain": "true"}[table]
		if read == "" {
			read = mine
		}
		add("directory."+table, "read", "for select using ("+read+")")
		add("directory."+table, "add", "for insert with check ("+mine+")")
		add("directory."+table, "change", "for update using ("+mine+") with check ("+mine+")")
		add("directory."+table, "remove", "for delete using ("+mine+")")
	}
	for _, table := range []string{"passkey", "totp", "recovery_code", "device"} {
		add("directory."+table, "own", "using ("+own+") with check ("+own+")")
	}
	add("directory.staff", "read", "for select using ("+own+" or "+staff+")")
	add("directory.staff", "add", "for insert with check ("+staff+")")
	add("directory.staff", "change", "for update using ("+staff+") with check ("+staff+")")
	add("directory.factor_removal", "read", "for select using ("+staff+")")
	add("directory.factor_removal", "add", "for insert with check ("+staff+" and requested_by = "+p.call("actor")+")")
	add("directory.factor_removal", "change", "for update using ("+staff+") with check ("+staff+
		" and coalesce(approved_by, withdrawn_by) = "+p.call("actor")+")") // a constraint lets one of the two be
	acts := "actor = " + p.call("actor")
	add("directory.staff_access", "read", "for select using ("+mine+" or person = "+p.call("subject")+" or "+acts+" or "+
		staff+")")
	add("directory.staff_access", "add", "for insert with check ("+staff+" and "+acts+")")
	add("directory.staff_access", "change", "for update using ("+staff+" or "+acts+") with check ("+staff+" or "+acts+")")
	return out
}

// audit are the gates round what was done: written by whoever did it, read by those it is about, sealed by the relay.
// An event's defaults are what the ticket claims; its check compares all of them with what is verified. Whoever has
// written one sees it until the end of the transaction, for the witness.
func (p policies) audit() [][3]string {
	staff := p.call("staff")
	const both = "kindward_app, " + identityRole
	return [][3]string{
		{"audit.event", "add", "for insert to " + both + " with check (array[tenant_id, actor, on_behalf_of] = " +
			p.call("who") + ")"},
		{"audit.event", "own", "for select to " + both + " using (xid = pg_current_xact_id_if_assigned())"},
		{"audit.event", "read", "for select to " + both + " using (tenant_id = " + p.call("tenant") + " or patient = " +
			p.call("subject") + " or " + staff + ")"},
		{"audit.event", "seal", "for select to kindward_relay using (true)"},
		{"audit.alert", "read", "for select to " + both + " using (" + staff + ")"},
		{"audit.alert", "change", "for update to kindward_app using (" + staff + " and reviewed_at is null) with check (" +
			staff + " and reviewed_by = " + p.call("actor") + ")"},
		{"audit.alert", "find", "to kindward_relay using (true) with check (true)"},
	}
}

// guardShared adds what is missing of the shared tables' gates.
func (o *Owner) guardShared(ctx context.Context) error {
	return pgx.BeginFunc(ctx, o.pool, func(tx pgx.Tx) error {
		p, err := newPolicies(ctx, tx)
		if err != nil {
			return err
		}
		if p.bare {
			if _, err := tx.Exec(ctx, entering); err != nil {
				return fmt.Errorf("ctx.enter: %w", err)
			}
		}
		for _, policy := range p.shared() {
			var there bool
			err := tx.QueryRow(ctx, `select exists (select from pg_policy where polrelid = $1::text::regclass and polname = $2)`,
				policy.table, policy.name).Scan(&there)
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
