package tenancy_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// sharedGrants are what the login roles may do with shared tables. A new table is invisible to them until it has
// its line here.
var sharedGrants = map[string]string{
	"kindward_app audit.event":                      "select", // and insert by column, below
	"kindward_app audit.event_row":                  "select", // and insert by column, below
	"kindward_app audit.alert":                      "select", // and review by column, below
	"kindward_app audit.checkpoint":                 "select",
	"kindward_app audit.leaf":                       "select",
	"kindward_app audit.node":                       "select",
	"kindward_app directory.membership":             "select",
	"kindward_app directory.staff_access":           "select",
	"kindward_identity directory.account":           "insert select update",
	"kindward_identity directory.account_name_word": "delete insert select",
	"kindward_identity directory.staff_access":      "insert select",
	"kindward_identity directory.api_key":           "insert select",
	"kindward_identity directory.tenant":            "select",
	"kindward_identity directory.throttle":          "delete insert select update",
	"kindward_identity audit.event":                 "select", // and insert by column, below
	"kindward_identity audit.event_row":             "select",
	"kindward_identity audit.alert":                 "select",
	"kindward_identity audit.checkpoint":            "select",
	"kindward_identity audit.leaf":                  "select",
	"kindward_identity directory.device":            "delete insert select update",
	"kindward_identity directory.email_change":      "delete insert select update",
	"kindward_identity directory.external_identity": "delete insert select",
	"kindward_identity directory.factor_removal":    "insert select", // and approve by column, below
	"kindward_identity directory.invitation":        "insert select",
	"kindward_identity directory.membership":        "insert select",
	"kindward_identity directory.passkey":           "delete insert select update",
	"kindward_identity directory.recovery_code":     "delete insert select update",
	"kindward_identity directory.sso":               "delete insert select update",
	"kindward_identity directory.sso_domain":        "delete insert select update",
	"kindward_identity directory.sso_session":       "delete insert select update",
	"kindward_identity directory.sso_logout":        "delete insert select update",
	"kindward_identity directory.staff":             "insert select",
	"kindward_identity directory.totp":              "delete insert select update",
	"kindward_identity directory.password":          "insert select update",
	"kindward_identity directory.password_reset":    "delete insert select update",
	"kindward_identity directory.session":           "delete insert select update",
	"kindward_app directory.template":               "select",
	"kindward_app directory.demonstration":          "select",
	"kindward_app directory.known_key":              "select",
	"kindward_app directory.tenant":                 "select",
	"kindward_app market.appointment_index":         "delete insert select update",
	"kindward_app market.appointment_reference":     "insert select",
	"kindward_app market.availability":              "delete insert select update",
	"kindward_app market.busy":                      "delete insert select update",
	"kindward_app market.listing":                   "delete insert select update",
	"kindward_app market.payer":                     "select",
	"kindward_app market.zip_code":                  "select",
	"kindward_app market.reason":                    "select",
	"kindward_app onboarding.answer":                "insert select",
	"kindward_app onboarding.application":           "insert select", // and what moves by column, below
	"kindward_app onboarding.change":                "insert select", // and how it stands by column, below
	"kindward_app onboarding.check_result":          "insert select",
	"kindward_app onboarding.document":              "insert select", // and what moves by column, below
	"kindward_app onboarding.log":                   "insert select",
	"kindward_app onboarding.upload":                "delete insert select update",
	"kindward_relay onboarding.upload":              "delete", // of what has ended; sees by column, below
	"kindward_app onboarding.signature":             "insert select",
	"kindward_app onboarding.participant":           "insert select", // and who comes back or goes by column, below
	"kindward_app onboarding.invitation":            "select",        // and accept by column, below
	"kindward_identity onboarding.invitation":       "insert select", // and revoke by column, below
	"kindward_identity onboarding.participant":      "select",
	"kindward_identity onboarding.guest_link":       "insert select",        // and end by column, below
	"kindward_app onboarding.notice":                "delete insert select", // and what moves by column, below
	"kindward_identity onboarding.expiry_notice":    "insert select",
	"kindward_identity onboarding.notice":           "delete select",
	"kindward_app onboarding.applied_number":        "delete insert select", // and what moves by column, below
	"kindward_identity onboarding.applied_number":   "select",
	"kindward_app onboarding.step_time":             "insert select",
	"kindward_app form.draft":                       "insert select",
	"kindward_app form.version":                     "insert select",
	"kindward_relay onboarding.notice":              "select",
	"kindward_app onboarding.step":                  "insert select", // and what moves by column, below
	"kindward_app onboarding.hint":                  "insert",
	"kindward_relay onboarding.hint":                "delete select",
	"kindward_relay onboarding.exclusion":           "delete insert select",
	"kindward_relay onboarding.exclusion_list":      "insert select", // and when it was looked at, below
	"kindward_app outbox.event":                     "select",
	"kindward_relay audit.alert":                    "insert select",
	"kindward_relay audit.checkpoint":               "insert select",
	"kindward_relay audit.epoch":                    "select",
	"kindward_relay audit.event":                    "select",
	"kindward_relay audit.event_row":                "select",
	"kindward_relay audit.leaf":                     "insert select",
	"kindward_relay audit.node":                     "insert select",
	"kindward_relay audit.sealing":                  "select update",
	// of what is old, says the policy; marked by column, below
	"kindward_relay outbox.email":  "delete select",
	"kindward_relay outbox.cursor": "insert select update",
	"kindward_relay outbox.event":  "delete select", // of what is old, says the policy
}

// tenantGrants are the tables of a tenant where the app may do less than read, add, change and remove.
var tenantGrants = map[string]string{"consent": "insert select", "home_address": "insert select",
	"intake_answer":     "insert select",
	"patient_name_word": "delete insert select", "request_key": "delete insert select"}

// otherGrants is everything else that the login roles and PUBLIC hold outside of the server's own schemas.
var otherGrants = []string{
	"kindward_app columns of audit.event insert: action actor after_hash before_hash fields ip on_behalf_of outcome patient policy_version purpose request_id resource resource_id tenant_id trace_id",
	"kindward_app columns of audit.event_row insert: action fields outcome patient purpose resource resource_id",
	"kindward_app columns of audit.alert update: review_note reviewed_at reviewed_by",
	"kindward_identity columns of directory.staff_access update: ended_at review_note reviewed_at reviewed_by verdict",
	"kindward_identity columns of directory.api_key update: last_used_at mac revoked_at revoked_by",
	"kindward_identity columns of directory.factor_removal update: approved_at approved_by withdrawn_at withdrawn_by",
	"kindward_identity columns of directory.invitation update: accepted_at accepted_by expires_at revoked_at token_hash",
	"kindward_identity columns of directory.membership update: ended_at ended_by",
	"kindward_identity columns of directory.staff update: ended_at ended_by",
	"kindward_identity columns of outbox.email insert: expires_at id kind sealed",
	"kindward_relay columns of outbox.email update: attempts failure leased_until outcome receipt sealed sent_at",
	"kindward_app columns of onboarding.application update: claimed_by name status submitted_at version",
	"kindward_app columns of onboarding.step update: attempts due next_at since state",
	"kindward_app columns of onboarding.document update: attempts next_at removed_at state",
	"kindward_app columns of onboarding.change update: decided_at decided_by next_at reason said status",
	"kindward_relay columns of onboarding.document select: attempts id next_at removed_at tenant_id",
	"kindward_relay columns of onboarding.upload select: ends_at id",
	"kindward_app columns of onboarding.participant update: ended_at name since",
	"kindward_app columns of onboarding.invitation update: accepted_at accepted_by",
	"kindward_identity columns of onboarding.invitation update: revoked_at",
	"kindward_identity columns of onboarding.guest_link update: ended_at",
	"kindward_identity schema onboarding usage",
	"kindward_app columns of onboarding.notice update: due version",
	"kindward_app columns of onboarding.applied_number update: number",
	"kindward_app schema form usage", "kindward_app function form.may_publish(text,integer,integer,text) execute",
	"kindward_app schema onboarding usage", "kindward_relay schema onboarding usage",
	"kindward_relay columns of onboarding.exclusion_list update: looked_at",
	"kindward_relay columns of onboarding.step select: attempts key next_at tenant_id",
	"kindward_app columns of outbox.event insert: data kind subject_id tenant_id",
	"kindward_identity columns of audit.event insert: action actor after_hash before_hash fields ip on_behalf_of outcome patient policy_version purpose request_id resource resource_id tenant_id trace_id",
	"kindward_identity columns of outbox.event insert: data kind subject_id tenant_id",
	"kindward_identity database connect", "kindward_identity schema audit usage", "kindward_identity schema ctx usage",
	"kindward_identity schema directory usage", "kindward_identity schema outbox usage",
	"kindward_identity function ctx.refuse(text) execute", "kindward_identity function ctx.subject() execute",
	"kindward_identity function ctx.tenant() execute", "kindward_identity function ctx.actor() execute",
	"kindward_identity function ctx.behalf() execute", "kindward_identity function ctx.staff() execute",
	"kindward_identity function ctx.who() execute",
	"kindward_identity function ctx.enter(text,text,text,text,text,text) execute",
	"PUBLIC schema ext usage", "PUBLIC schema public usage",
	"kindward_app database connect", "kindward_relay database connect",
	"kindward_app function ctx.refuse(text) execute", "kindward_app function ctx.subject() execute",
	"kindward_app function ctx.tenant() execute",
	"kindward_app function market.fold(text) execute", "kindward_identity function market.fold(text) execute",
	"kindward_app function directory.name_words(text) execute",
	"kindward_app function directory.asked_words(text) execute",
	"kindward_app function directory.asked_till(text) execute",
	"kindward_identity function directory.name_words(text) execute",
	"kindward_identity function directory.asked_words(text) execute",
	"kindward_identity function directory.asked_till(text) execute",
	"kindward_app function ctx.actor() execute", "kindward_app function ctx.behalf() execute",
	"kindward_app function ctx.staff() execute",
	"kindward_identity function directory.end_acts(uuid,timestamp with time zone) execute",
	"kindward_identity function directory.end_sessions(uuid,bigint) execute",
	"kindward_identity function directory.end_sessions_and_links(uuid,bigint,timestamp with time zone) execute",
	"kindward_identity function directory.factors_take_two(uuid) execute",
	"kindward_identity function directory.may_grant(text,text) execute",
	"kindward_identity function directory.name_at(text,jsonb,timestamp with time zone) execute",
	"kindward_identity function directory.remove_factors(uuid,timestamp with time zone) execute",
	"kindward_relay function ctx.refuse(text) execute", "kindward_relay function ctx.subject() execute",
	"kindward_relay function ctx.tenant() execute",
	"kindward_relay function ctx.actor() execute", "kindward_relay function ctx.behalf() execute",
	"kindward_relay function ctx.staff() execute",
	"kindward_app function ctx.enter(text,text,text,text,text,text) execute",
	"kindward_app function ctx.who() execute", "kindward_relay function ctx.who() execute",
	"kindward_relay function ctx.end_overdue(double precision) execute",
	"kindward_app function ctx.clear_settings() execute",
	"kindward_app function ctx.foreign_settings() execute",
	"kindward_app function ctx.own_settings() execute",
	"kindward_app function ctx.settle() execute",
	"kindward_identity function ctx.clear_settings() execute",
	"kindward_identity function ctx.foreign_settings() execute",
	"kindward_identity function ctx.own_settings() execute",
	"kindward_identity function ctx.settle() execute",
	"kindward_relay function ctx.clear_settings() execute",
	"kindward_relay function ctx.foreign_settings() execute",
	"kindward_relay function ctx.own_settings() execute",
	"kindward_relay function ctx.settle() execute",
	"kindward_relay schema audit usage",
	"kindward_app schema audit usage", "kindward_app schema ctx usage", "kindward_app schema directory usage",
	"kindward_app schema market usage",
	"kindward_app schema outbox usage", "kindward_relay schema ctx usage", "kindward_relay schema outbox usage",
	"kindward_relay schema river usage",
}

// sharedPolicies is what must guard the shared tables, written down a second time so that a slip of the generator
// shows.
var sharedPolicies = func() []string {
	const tenant = "(tenant_id = ( SELECT ctx.tenant() AS tenant))"
	const same = "(NOT (tenant_id IS DISTINCT FROM ( SELECT ctx.tenant() AS tenant)))"
	const subject = "( SELECT ctx.subject() AS subject)"
	var all []string
	for _, table := range []string{"market.appointment_index", "market.availability", "market.busy", "market.listing"} {
		read := "true"
		if table == "market.appointment_index" {
			read = "(" + tenant + " OR (account_id = " + subject + "))"
		}
		all = append(all, table+" add INSERT {public} using - check "+tenant,
			table+" change UPDATE {public} using "+tenant+" check "+tenant,
			table+" read SELECT {public} using "+read+" check -", table+" remove DELETE {public} using "+tenant+" check -")
	}
	const actor, staff = "( SELECT ctx.actor() AS actor)", "( SELECT ctx.staff() AS staff)"
	all = append(all, "market.appointment_reference add INSERT {public} using - check "+tenant,
		"market.appointment_reference read SELECT {public} using ("+tenant+" OR "+staff+") check -")
	for _, table := range []string{"membership", "invitation", "sso", "sso_domain", "sso_session", "sso_logout",
		"external_identity", "api_key"} {
		read := tenant
		switch table {
		case "membership":
			read = "(" + tenant + " OR (account_id = " + subject + ") OR " + staff + ")"
		case "sso_domain":
			read = "true"
		}
		all = append(all, "directory."+table+" add INSERT {public} using - check "+tenant,
			"directory."+table+" change UPDATE {public} using "+tenant+" check "+tenant,
			"directory."+table+" read SELECT {public} using "+read+" check -",
			"directory."+table+" remove DELETE {public} using "+tenant+" check -")
	}
	for _, table := range []string{"device", "passkey", "recovery_code", "totp"} {
		all = append(all, "directory."+table+" own ALL {public} using (account_id = "+subject+") check (account_id = "+
			subject+")")
	}
	for _, table := range []string{"answer", "application", "check_result", "document", "log",
		"participant", "signature", "step"} {
		read := "(" + tenant + " OR " + staff + ")"
		if table == "participant" {
			read = "(" + tenant + " OR (account_id = " + subject + ") OR " + staff + ")"
		}
		all = append(all, "onboarding."+table+" add INSERT {public} using - check "+tenant,
			"onboarding."+table+" change UPDATE {public} using "+tenant+" check "+tenant,
			"onboarding."+table+" read SELECT {public} using "+read+" check -")
	}
	all = append(all, "onboarding.applied_number add INSERT {public} using - check "+tenant,
		"onboarding.applied_number change UPDATE {public} using "+tenant+" check "+tenant,
		"onboarding.applied_number read SELECT {public} using "+tenant+" check -",
		"onboarding.applied_number remove DELETE {public} using "+tenant+" check -",
		"onboarding.applied_number find SELECT {kindward_identity} using ("+subject+" IS NOT NULL) check -")
	all = append(all, "onboarding.notice add INSERT {public} using - check "+tenant,
		"onboarding.notice change UPDATE {public} using "+tenant+" check "+tenant,
		"onboarding.notice read SELECT {public} using "+tenant+" check -",
		"onboarding.notice remove DELETE {public} using "+tenant+" check -",
		"onboarding.notice relay SELECT {kindward_relay} using true check -")
	all = append(all, "onboarding.upload add INSERT {public} using - check "+tenant,
		"onboarding.upload change UPDATE {public} using "+tenant+" check "+tenant,
		"onboarding.upload read SELECT {public} using "+tenant+" check -",
		"onboarding.upload remove DELETE {public} using "+tenant+" check -",
		"onboarding.upload relay SELECT {kindward_relay} using true check -",
		"onboarding.upload prune DELETE {kindward_relay} using (ends_at < now()) check -")
	for _, table := range []string{"invitation", "guest_link"} {
		all = append(all, "onboarding."+table+" add INSERT {public} using - check "+tenant,
			"onboarding."+table+" change UPDATE {public} using "+tenant+" check "+tenant,
			"onboarding."+table+" read SELECT {public} using "+tenant+" check -")
	}
	const acts = "(actor = " + actor + ")"
	return append(all,
		"form.draft add INSERT {public} using - check ("+staff+" AND (by = "+actor+"))",
		"form.draft read SELECT {public} using "+staff+" check -",
		"form.version add INSERT {public} using - check ("+staff+" AND (by = "+actor+
			") AND form.may_publish(form, base, sequence, text))",
		"form.version read SELECT {public} using true check -",
		"onboarding.step_time add INSERT {public} using - check "+staff,
		"onboarding.step_time read SELECT {public} using true check -",
		"onboarding.expiry_notice add INSERT {public} using - check "+tenant,
		"onboarding.expiry_notice read SELECT {public} using "+tenant+" check -",
		"onboarding.change add INSERT {public} using - check "+tenant,
		"onboarding.change ask INSERT {public} using - check ((status = 'waiting'::text) AND (by = "+actor+")) restrictive",
		"onboarding.change change UPDATE {public} using "+tenant+" check "+tenant,
		"onboarding.change decide UPDATE {public} using (status = 'waiting'::text) check ((status = 'withdrawn'::text) OR "+
			staff+") restrictive",
		"onboarding.change read SELECT {public} using ("+tenant+" OR "+staff+") check -",
		"onboarding.hint add INSERT {kindward_app} using - check true",
		"onboarding.hint prune DELETE {kindward_relay} using (at < (now() - '1 day'::interval)) check -",
		"onboarding.hint read SELECT {kindward_relay} using true check -",
		"onboarding.exclusion relay ALL {kindward_relay} using true check true",
		"onboarding.exclusion_list relay ALL {kindward_relay} using true check true",
		"onboarding.check_result registers INSERT {public} using - check "+staff+" restrictive",
		"onboarding.log decide INSERT {public} using - check (((kind <> ALL (ARRAY['accepted'::text, 'approved'::text, "+
			"'checked'::text, 'claimed'::text, 'closed'::text, 'compared'::text, 'countersigned'::text, "+
			"'distinct'::text, 'duplicate'::text, "+
			"'provisioned'::text, 'refused'::text, 'rejected'::text, "+
			"'released'::text, 'returned'::text, 'reworded'::text, 'scanned'::text, 'waived'::text])) OR "+staff+") AND (("+actor+" IS NULL) OR (by = "+actor+"))) restrictive",
		"onboarding.signature sign INSERT {public} using - check (((side = 'organization'::text) OR "+staff+") AND (("+
			actor+" IS NULL) OR (by = "+actor+"))) restrictive",
		"onboarding.step relay SELECT {kindward_relay} using (next_at IS NOT NULL) check -",
		"onboarding.document relay SELECT {kindward_relay} using true check -",
		"directory.factor_removal add INSERT {public} using - check ("+staff+" AND (requested_by = "+actor+"))",
		"directory.factor_removal change UPDATE {public} using "+staff+" check ("+staff+" AND (COALESCE(approved_by, withdrawn_by) = "+actor+"))",
		"directory.factor_removal read SELECT {public} using "+staff+" check -",
		"directory.staff add INSERT {public} using - check "+staff,
		"directory.staff change UPDATE {public} using "+staff+" check "+staff,
		"directory.staff read SELECT {public} using ((account_id = "+subject+") OR "+staff+") check -",
		"directory.staff_access add INSERT {public} using - check ("+staff+" AND "+acts+")",
		"directory.staff_access change UPDATE {public} using ("+staff+" OR "+acts+") check ("+staff+" OR "+acts+")",
		"directory.staff_access read SELECT {public} using ("+tenant+" OR (person = "+subject+") OR "+acts+" OR "+staff+
			") check -",
		"audit.alert change UPDATE {kindward_app} using ("+staff+" AND (reviewed_at IS NULL)) check ("+staff+" AND (reviewed_by = "+actor+"))",
		"audit.alert find ALL {kindward_relay} using true check true",
		"audit.alert read SELECT {kindward_app,kindward_identity} using "+staff+" check -",
		"audit.event add INSERT {kindward_app,kindward_identity} using - check (ARRAY[tenant_id, actor, on_behalf_of] = ( SELECT ctx.who() AS who))",
		"audit.event own SELECT {kindward_app,kindward_identity} using (xid = pg_current_xact_id_if_assigned()) check -",
		"audit.event read SELECT {kindward_app,kindward_identity} using ("+tenant+" OR (patient = "+subject+") OR "+staff+") check -",
		"audit.event seal SELECT {kindward_relay} using true check -",
		"outbox.email add INSERT {kindward_identity} using - check true",
		"outbox.email mark UPDATE {kindward_relay} using true check true",
		"outbox.email prune DELETE {kindward_relay} using (created_at < (now() - '30 days'::interval)) check -",
		"outbox.email send SELECT {kindward_relay} using true check -",
		"outbox.event add INSERT {kindward_app,kindward_identity} using - check "+same,
		"outbox.event read SELECT {kindward_app} using "+tenant+" check -",
		"outbox.event prune DELETE {kindward_relay} using (at < (now() - '30 days'::interval)) check -",
		"outbox.event relay SELECT {kindward_relay} using true check -")
}()

// may tells whether a role holds a verb on a table at all.
func may(role string, x table, verb string) bool {
	if x.schema != tenancy.TemplateSchema && !strings.HasPrefix(x.schema, "t_") {
		return strings.Contains(sharedGrants[role+" "+x.String()], verb)
	}
	words, limited := tenantGrants[x.name]
	return role == app && (!limited || strings.Contains(words, verb))
}

// The schema of the job queue is the relay's own, made by the queue's migrations; the app's role must hold nothing in
// it.
var queue = regexp.MustCompile(`^(kindward_relay|PUBLIC function) river\.`)

const product = `n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'ext')`
const tenants = `(n.nspname ~ '^t_' or n.nspname = 'tenant_template')`

// laws are queries that must find nothing: what they find breaks the sentence.
var laws = []struct{ sentence, query string }{
	{"every table with rows of a tenant has row-level security, forced (A38)", `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and (` + tenants + ` or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')) and ` + product + `
		and not (c.relrowsecurity and c.relforcerowsecurity)`},
	{"row-level security is forced wherever it is on", `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and ` + product + ` and c.relrowsecurity and not c.relforcerowsecurity`},
	{"every table of a tenant has the generator's gate and no other policy (A38)", `select c.oid::regclass || ' ' || coalesce(p.policyname || ' ' || p.cmd || ' ' || coalesce(p.qual, '-') || ' / ' || coalesce(p.with_check, '-'), 'has none')
		from pg_class c join pg_namespace n on n.oid = c.relnamespace left join directory.tenant d on d.schema_name = n.nspname
		left join pg_policies p on p.schemaname = n.nspname and p.tablename = c.relname
		cross join lateral (select case when n.nspname = 'tenant_template' then 'false' else '(( SELECT ctx.tenant() AS tenant) = ''' || d.id || '''::uuid)' end as text) gate
		where c.relkind in ('r', 'p') and ` + tenants + `
		and (p.policyname = 'gate' and p.cmd = 'ALL' and p.permissive = 'PERMISSIVE' and p.roles = '{public}' and p.qual = gate.text and p.with_check = gate.text) is not true`},
	{"every schema of a tenant is registered",
		`select n.nspname::text from pg_namespace n where n.nspname ~ '^t_' and not exists (select from directory.tenant d where d.schema_name = n.nspname)`},
	{"the login roles own nothing", `select coalesce(c.oid::regclass::text, s.classid::regclass || ' ' || s.objid) from pg_shdepend s left join pg_class c on c.oid = s.objid and s.classid = 'pg_class'::regclass
		where s.deptype = 'o' and s.refclassid = 'pg_authid'::regclass and s.refobjid in ('kindward_app'::regrole, 'kindward_identity'::regrole, 'kindward_relay'::regrole)`},
	{"tables belong to the owner of their schema, tenants' to kindward_owner", `select c.oid::regclass || ' ' || c.relowner::regrole from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p', 'v', 'm', 'S') and ` + product + ` and n.nspname <> 'public' and c.relowner <> n.nspowner
		or ` + tenants + ` and n.nspowner <> 'kindward_owner'::regrole`},
	{"no role is free of row-level security or holds another", `select rolname || ' is too free' from pg_roles where rolname ~ '^kindward_'
			and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolcanlogin <> (rolname in ('kindward_app', 'kindward_identity', 'kindward_relay')) or rolcanlogin and rolinherit)
		union all select member::regrole || ' is ' || roleid::regrole from pg_auth_members where member in (select oid from pg_roles where rolname ~ '^kindward_')
			and (member <> 'kindward_ctx'::regrole or roleid not in ('kindward_app'::regrole, 'kindward_identity'::regrole)) -- to end their sessions`},
	{"SECURITY DEFINER only in ctx, owned by kindward_ctx, with a fixed path that ends in pg_temp", `select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		where ` + product + ` and (p.prosecdef and (n.nspname <> 'ctx' or p.proname not in ('tenant', 'subject', 'actor', 'behalf', 'staff', 'who', 'end_overdue'))
			or n.nspname = 'ctx' and p.proname <> 'enter' and (p.proowner <> 'kindward_ctx'::regrole or p.proconfig is distinct from array['search_path=pg_catalog, pg_temp'])
			or n.nspname = 'ctx' and p.proname not in ('refuse', 'enter', 'end_overdue', 'own_settings', 'foreign_settings', 'settle', 'clear_settings') and (p.provolatile <> 's' or not p.prosecdef or p.proleakproof))`},
	{"what the context is asked for is verified by one and the same text", `select p.proname || ': ' || left(p.prosrc, 0) from pg_proc p where p.pronamespace = 'ctx'::regnamespace and p.proname not in ('enter', 'refuse', 'end_overdue', 'own_settings', 'foreign_settings', 'settle', 'clear_settings')
		and regexp_replace(p.prosrc, '\n *return [^;]*;', '', 'g') <> (select regexp_replace(prosrc, '\n *return [^;]*;', '', 'g') from pg_proc where oid = 'ctx.tenant()'::regprocedure)`},
	{"what enters a tenant has its caller's rights and no settings of its own, which would end with it, and names all that it calls",
		`select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'ctx'::regnamespace and p.proname = 'enter'
		and (p.proowner <> 'kindward_ctx'::regrole or p.prosecdef or p.proconfig is not null or p.provolatile <> 'v' or p.prosrc ~ '(?<![.\w])(set_config|quote_ident|format)\(|[^.]\|\|')`},
	{"what settles a session has its caller's rights, which is all that it needs", `select p.oid::regprocedure::text from pg_proc p
		where p.pronamespace = 'ctx'::regnamespace and p.proname in ('own_settings', 'foreign_settings', 'settle', 'clear_settings') and p.prosecdef`},
	{"a function outside of ctx is its schema's owner's, has nobody's rights, touches tables only if it is named here, and is bound when it is made, but for those of triggers, which are bound to no path", `select p.oid::regprocedure::text from pg_proc p
		join pg_namespace n on n.oid = p.pronamespace where ` + product + ` and n.nspname not in ('ctx', 'river')
		and (p.proowner <> n.nspowner or p.prosecdef or p.proleakproof or p.prosqlbody is null and (p.proname not in ('keep_name_words', 'drop_name_words', 'keep_application', 'keep_document') or p.proconfig is distinct from '{"search_path=pg_catalog, pg_temp"}')
			or p.provolatile <> case when p.proname in ('keep_application', 'keep_document') then 'v' when p.oid::regprocedure::text ~ '^form.may_publish' then 's' when n.nspname <> 'directory' then 'i' when p.proname = 'factors_take_two' then 's'
				when p.proname in ('end_sessions', 'end_sessions_and_links', 'remove_factors', 'end_acts', 'keep_name_words', 'drop_name_words') then 'v' else 'i' end)`},
	{"views ask as the reader (A38)", `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('v', 'm') and ` + product + ` and not coalesce('security_invoker=true' = any (c.reloptions), false)`},
	{"what the staff decide is kept for them by triggers (A68)", `select x.relation || ' ' || x.name from (values ('onboarding.application', 'keep_application'), ('onboarding.document', 'keep_document')) x(relation, name)
		where not exists (select from pg_trigger t where t.tgrelid = x.relation::regclass and t.tgname = x.name and t.tgenabled = 'O' and t.tgfoid = ('onboarding.' || x.name)::regproc)`},
	{"no rules, no triggers but those of foreign keys, of the words of names and of what is the staff's to decide", `select tgrelid::regclass || ' ' || tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where not tgisinternal and ` + product + `
			and not (c.oid = 'onboarding.application'::regclass and tgname = 'keep_application' or c.oid = 'onboarding.document'::regclass and tgname = 'keep_document')
			and not (tgfoid = 'directory.drop_name_words'::regproc and c.relname = 'patient' and ` + tenants + `)
			and not (tgfoid = 'directory.keep_name_words'::regproc and (c.oid = 'directory.account'::regclass or c.relname = 'patient' and ` + tenants + `))
		union all select ev_class::regclass || ' ' || rulename from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace where rulename <> '_RETURN' and ` + product + `
		union all select evtname::text from pg_event_trigger`},
	{"foreign keys of a tenant stay inside its schema", `select f.conrelid::regclass || ' ' || f.conname from pg_constraint f join pg_class c on c.oid = f.conrelid join pg_class r on r.oid = f.confrelid join pg_namespace n on n.oid = c.relnamespace
		where f.contype = 'f' and ` + tenants + ` and r.relnamespace <> c.relnamespace`},
	{"a foreign key between two tables with rows of tenants carries the tenant, because it is not bound by row-level security", `select f.conrelid::regclass || ' ' || f.conname from pg_constraint f
		cross join lateral (select (select attnum from pg_attribute where attrelid = f.conrelid and attname = 'tenant_id') as mine, (select attnum from pg_attribute where attrelid = f.confrelid and attname = 'tenant_id') as theirs) x
		where f.contype = 'f' and x.mine is not null and x.theirs is not null and not exists (select from unnest(f.conkey, f.confkey) k (mine, theirs) where k.mine = x.mine and k.theirs = x.theirs)`},
	{"a primary key everywhere, without a sequence in a tenant's table", `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and ` + product + ` and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
		union all select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S' and ` + tenants + `
		union all select d.adrelid::regclass || ' ' || pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join pg_class c on c.oid = d.adrelid join pg_namespace n on n.oid = c.relnamespace
			where ` + tenants + ` and pg_get_expr(d.adbin, d.adrelid) ~ 'nextval|random|clock_timestamp'`},
	{"no types of our own, no table inheritance in a tenant's schema", `select t.typname::text from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype in ('e', 'd', 'r', 'm') and ` + product + ` and n.nspname <> 'river'
		union all select i.inhrelid::regclass::text from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace where ` + tenants + ` and c.relkind in ('r', 'p')`},
	{"a shared table with rows of tenants has an index that leads with the tenant, but for events (read in their order), availability (by listing) and references (at whatever organization)", `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' where c.relkind in ('r', 'p') and ` + product + `
		and not exists (select from pg_index i where i.indrelid = c.oid and i.indkey[0] = a.attnum and i.indpred is null)
		and c.oid not in ('outbox.event'::regclass, 'market.availability'::regclass, 'market.appointment_reference'::regclass)`},
	{"functions that reach around the tables are not for everybody", `select p.oid::regprocedure::text from pg_proc p, lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
		where p.pronamespace = 'pg_catalog'::regnamespace and x.grantee in (0, 'kindward_app'::regrole, 'kindward_identity'::regrole, 'kindward_relay'::regrole)
		and (p.oid <> 'pg_advisory_xact_lock(bigint)'::regprocedure or x.grantee not in ('kindward_app'::regrole, 'kindward_identity'::regrole)) -- ends with its transaction; nothing else locks in its space
		and p.proname ~ '^(lo_|loread|lowrite|pg_(terminate|cancel)_backend|pg_(try_)?advisory_|pg_(read_file|read_binary_file|ls_dir|stat_file|reload_conf|rotate_logfile|promote|switch_wal)$)'`},
	{"nobody lists prepared statements and cursors, whose names would let statements be replaced", `select c.oid::regclass::text from pg_class c, lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
		where c.relname in ('pg_prepared_statements', 'pg_cursors') and c.relnamespace = 'pg_catalog'::regnamespace and x.grantee <> c.relowner
		union all select p.oid::regprocedure::text from pg_proc p, lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
		where p.pronamespace = 'pg_catalog'::regnamespace and p.proname in ('pg_prepared_statement', 'pg_cursor') and x.grantee <> p.proowner`},
	{"PUBLIC may use no language that makes functions", `select l.lanname::text from pg_language l, lateral aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) x
		where x.grantee in (0, 'kindward_app'::regrole, 'kindward_identity'::regrole, 'kindward_relay'::regrole) and (l.lanname in ('plpgsql', 'sql') or l.lanpltrusted and l.lanname not in ('internal', 'c'))`},
	{"no statistics of what tells who a patient is", `select a.attrelid::regclass || ' ' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
		where ` + tenants + ` and c.relkind = 'r' and (c.relname = 'patient' and a.attname not in ('id', 'account_id', 'created_at') or a.attname = 'note') and a.attnum > 0 and not a.attisdropped and a.attstattarget is distinct from 0`},
	{"no default privileges", `select defaclrole::regrole::text from pg_default_acl`},
}

// holders explodes every privilege of the login roles and of PUBLIC outside of the server's schemas.
const holders = `select case x.grantee when 0 then 'PUBLIC' else x.grantee::regrole::text end || ' ' || what, string_agg(distinct lower(x.privilege_type), ' ' order by lower(x.privilege_type))
	from (select 'table' as kind, n.nspname || '.' || c.relname as what, coalesce(c.relacl, acldefault('r', c.relowner)) as acl from pg_class c join pg_namespace n on n.oid = c.relnamespace where ` + product + ` and c.relkind not in ('i', 'I', 'c')
		union all select 'schema', 'schema ' || n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)) from pg_namespace n where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
		union all select 'function', 'function ' || p.oid::regprocedure, coalesce(p.proacl, acldefault('f', p.proowner)) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ` + product + `
		union all select 'database', 'database', coalesce(d.datacl, acldefault('d', d.datdba)) from pg_database d where d.datname = current_database()) o, lateral aclexplode(o.acl) x
	where x.grantee in (0, 'kindward_app'::regrole, 'kindward_identity'::regrole, 'kindward_relay'::regrole) group by 1 order by 1`

// columnHolders are privileges on some columns only.
const columnHolders = `select coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC') || ' columns of ' || a.attrelid::regclass || ' ' || lower(x.privilege_type) || ': ' || string_agg(a.attname, ' ' order by a.attname)
	from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace, lateral aclexplode(a.attacl) x
	where a.attacl is not null and ` + product + ` group by x.grantee, a.attrelid, x.privilege_type`

// unlawful gives what breaks a law, in the connection's database as its transaction sees it; grants are what may be
// held.
func unlawful(t testing.TB, admin *pgx.Conn, grants []string, enough bool) (found []string) {
	t.Helper()
	held := slices.DeleteFunc(append(column1(t, admin, holders), column1(t, admin, columnHolders)...), queue.MatchString)
	found = differences("grant", held, grants)
	for _, law := range laws {
		if enough && len(found) > 0 {
			return found
		}
		for _, what := range column1(t, admin, law.query) {
			found = append(found, law.sentence+": "+what)
		}
	}
	policies := column1(t, admin, `select schemaname || '.' || tablename || ' ' || policyname || ' ' || cmd || ' ' || roles::text || ' using ' || coalesce(qual, '-') || ' check ' || coalesce(with_check, '-') || case permissive when 'PERMISSIVE' then '' else ' restrictive' end
		from pg_policies where schemaname !~ '^t_' and schemaname <> 'tenant_template' order by schemaname, tablename, policyname`)
	return append(found, differences("policy", policies, sharedPolicies)...)
}

func expectedGrants(t testing.TB, admin *pgx.Conn) []string {
	want := slices.Clone(otherGrants)
	for who, verbs := range sharedGrants {
		want = append(want, who+" "+verbs)
	}
	for _, schema := range column1(t, admin,
		`select schema_name from directory.tenant union all select 'tenant_template'`) {
		want = append(want, "kindward_app schema "+schema+" usage", "kindward_app "+schema+".ended_consent select")
	}
	for _, x := range tablesOf(t, admin, tenants) {
		verbs, limited := tenantGrants[x.name]
		if !limited {
			verbs = "delete insert select update"
		}
		want = append(want, fmt.Sprintf("kindward_app %s %s", x, verbs))
	}
	return want
}

func differences(kind string, got, want []string) (found []string) {
	for _, g := range got {
		if !slices.Contains(want, g) {
			found = append(found, "unexpected "+kind+": "+g)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			found = append(found, "missing "+kind+": "+w)
		}
	}
	return found
}

// column1 reads rows as one text each.
func column1(t testing.TB, conn *pgx.Conn, sql string) (out []string) {
	t.Helper()
	results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	for _, row := range results[len(results)-1].Rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, string(cell))
		}
		out = append(out, strings.Join(cells, " "))
	}
	return out
}

func TestTheCatalogObeysTheLaws(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	for _, kind := range []string{"clinic", "laboratory", "home_care"} {
		db.Tenant(t, kind)
	}
	admin := db.Connect(t, db.AdminURL())
	for _, what := range unlawful(t, admin, expectedGrants(t, admin), false) {
		t.Error(what)
	}
	if n := len(tablesOf(t, admin, tenants)); n < 4*14 {
		t.Errorf("only %d tables of tenants were looked at", n)
	}
}
