package bench

import (
	"context"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/search"
)

// The statements that everything is measured against. They are the product's of the day when the unit was defined, and
// stay as they are, so that better SQL of the product shows.
var (
	//go:embed reference/enter.sql
	enter string
	//go:embed reference/place_hold.sql
	placeHold string
	//go:embed reference/confirm_hold.sql
	confirmHold string
	//go:embed reference/busy_ranges.sql
	busyRanges string
	//go:embed reference/top_hits.sql
	topHits string
	//go:embed reference/existing_patient.sql
	existingPatient string
)

// account n of the bench; its id can be written by pgbench too.
func account(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("0be0c400-0000-7000-8000-%012x", n))
}

// numbered is the n-th id of a family, in pgbench.
func numbered(family int, n string) string {
	return fmt.Sprintf(`('0be0c4%02d-0000-7000-8000-' || lpad(to_hex(:%s::bigint), 12, '0'))::uuid`, family, n)
}

// tenantsBooked is how many organizations are booked at, by the product and by the bare SQL: enough that each statement
// comes to another schema than the one before, few enough that each connection has soon seen them all.
const tenantsBooked = 8

// apart is how far the times of the bare SQL lie from each other: no visit is longer. far is where they begin: beyond
// every horizon, so that they take no time that a page would offer.
const apart = 6 * time.Hour

var far = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)

// setUp lets pgbench make the tickets that a gateway would make: they are bound to the connection, which only the
// server knows. It is made in a database of the bench alone.
const setUp = `
create schema if not exists bench;
create or replace function bench.ticket(tenant uuid, subject uuid) returns text language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    with key as (select * from ctx.key order by created_at desc limit 1),
    said as (select key.*, concat_ws('.', kid, tenant, subject, '-', '-', extract(epoch from now())::bigint + 3600, 'p' || pg_backend_pid()) as words from key)
    select words || '.' || encode(sha256(opad || sha256(ipad || convert_to(words, 'UTF8'))), 'hex') from said $$;
revoke all on function bench.ticket from public;
grant usage on schema bench to kindward_app;
grant execute on function bench.ticket to kindward_app;`

// takeDown removes it.
const takeDown = `drop schema if exists bench cascade`

// bookingScripts are hold and confirmation, each with its context in one round trip, one script for each of some
// organizations. The clients book for as many patients as the site's visitors are.
func bookingScripts(s *stock, clients, patients int) ([]string, error) {
	var out []string
	seen := map[uuid.UUID]bool{}
	for _, o := range s.offerings {
		if seen[o.tenant.ID] || !s.booked[o.tenant.ID] {
			continue
		}
		seen[o.tenant.ID] = true
		script, err := bookingScript(o, len(out), clients, patients)
		if err != nil {
			return nil, err
		}
		out = append(out, script)
	}
	return out, nil
}

func bookingScript(o offering, k, clients, patients int) (string, error) {
	with := bookingParameters(o)
	with["ticket"], with["schema"] = fmt.Sprintf(":ticket_%d", k), literal(o.tenant.Schema)
	var b strings.Builder
	fmt.Fprintf(&b, "\\if :ready_%d = 0\nselect bench.ticket(%s, %s) as ticket_%d \\gset\n\\set ready_%d 1\n\\endif\n", k,
		literal(o.tenant.ID), numbered(0, "client_id"), k, k)
	b.WriteString("\\set i :i + 1\n\\set n (:run * 1000 + :client_id) * 100000 + :i\n")
	fmt.Fprintf(&b, "\\set patient (:i %% %d) * %d + :client_id\n", max(1, patients/clients), clients)
	fmt.Fprintf(&b, "\\set at %d + ((:run * 32 + :client_id) * 4000 + permute(:i, 4000, 7)) * %d\n", far.Unix(),
		int(apart.Seconds()))
	for _, statement := range []string{placeHold, confirmHold} {
		text, err := fill(enter+statement, with)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\\startpipeline\n%s\\endpipeline\n", text)
	}
	return b.String(), nil
}

// bookingParameters are what the two statements are asked with: all that one transaction does not share with the next
// follows from :n, :at and :patient.
func bookingParameters(o offering) map[string]string {
	visit := time.Duration(o.published.Schedule.VisitMinutes) * time.Minute
	appointment, at := numbered(2, "n"), "to_timestamp(:at)"
	shifted := func(by time.Duration) string {
		return fmt.Sprintf("%s + %d * interval '1 second'", at, int(by.Seconds()))
	}
	hash := literal(make([]byte, 32))
	return map[string]string{
		"offering_id": literal(o.published.ID), "schedule_version": literal(o.published.ScheduleVersion),
		"resource_id": literal(o.published.Resources[0]), "appointment_id": appointment, "id": appointment,
		"claim_id": numbered(1, "n"), "holder": numbered(3, "n"), "patient_id": numbered(4, "n"),
		"consent_id": numbered(5, "n"), "account_id": numbered(0, "patient"), "ref": "'KW-' || :n::bigint::text",
		"starts_at": at, "ends_at": shifted(visit), "claim_starts_at": shifted(-time.Second),
		"claim_ends_at": shifted(visit + time.Second), "hold_seconds": "600",
		"cancel_cutoff_minutes": literal(o.published.Schedule.CancelCutoffMinutes),
		"move_cutoff_minutes":   literal(o.published.Schedule.MoveCutoffMinutes),
		"request_key":           "'bench ' || :n::bigint::text", "body_hash": hash, "consent_hash": hash,
		"answer": "'/bookings/' || :n::bigint::text", "name": "'Bench Visitor'", "born": "'1988-03-27'::date",
		"phone": "'+14015550134'", "email": "'bench@example.test'", "note": "''::text", "payer_id": "'self'",
		"consent_version": "'bench'",
	}
}

// term is one thing that people look for.
type term struct {
	reason, name string
	town         search.ZIPCode
	results      int
}

// searchScripts are the best hits and what is taken of them in five days; the resources of the second are those that
// the first finds.
func searchScripts(ctx context.Context, conn *pgx.Conn, terms []term, now time.Time) (scripts []string, err error) {
	for _, t := range terms {
		first, err := fill(topHits, map[string]string{"reason": literal(t.reason), "lat": literal(t.town.Lat),
			"lon": literal(t.town.Lon), "hits": literal(search.PageSize)})
		if err != nil {
			return nil, err
		}
		resources, err := resourcesOf(ctx, conn, first)
		if err != nil {
			return nil, err
		}
		second, err := busyScript(resources, now, now.AddDate(0, 0, search.DaysShown))
		if err != nil {
			return nil, err
		}
		scripts = append(scripts, first+second)
	}
	return scripts, nil
}

func busyScript(resources []uuid.UUID, from, to time.Time) (string, error) {
	return fill(busyRanges, map[string]string{"resources": literal(resources), "since": literal(from),
		"until": literal(to)})
}

// resourcesOf are the first columns of the best hits.
func resourcesOf(ctx context.Context, conn *pgx.Conn, hits string) ([]uuid.UUID, error) {
	rows, err := conn.Query(ctx, hits)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all, some []uuid.UUID
	into := make([]any, len(rows.FieldDescriptions()))
	into[0] = &some
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, rows.Err()
}

// monthScripts read what is taken of one offering in a month.
func monthScripts(offerings []offering, from, to civil.Date) (scripts []string, err error) {
	for _, o := range offerings {
		span := o.published.Schedule.Span(from, to)
		script, err := busyScript(o.published.Resources, time.Unix(span.Start, 0), time.Unix(span.End, 0))
		if err != nil {
			return nil, err
		}
		scripts = append(scripts, script)
	}
	return scripts, nil
}

// shuffled are some of a list, as many as pgbench takes as scripts.
func shuffled[T any](list []T, most int, dice *rand.Rand) []T {
	out := append([]T(nil), list...)
	dice.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:min(most, len(out))]
}
