package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/search"
)

// account n of the bench; its id can be written by pgbench too.
func account(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("%s%012x", accountFamily, n))
}

const (
	accountFamily = "0be0c400-0000-7000-8000-"
	numbered      = `('%s' || lpad(to_hex(:%s::bigint), 12, '0'))::uuid`
)

// tenantsBooked is how many organizations are booked at, by the product and by the bare SQL: enough that each statement
// comes to another schema than the one before, few enough that each connection has soon seen them all.
const tenantsBooked = 8

// apart is how far the times of the bare SQL lie from each other: no visit is longer.
const apart = 6 * time.Hour

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

// bookingScripts are hold and confirmation as the product sends them, one script for each of some organizations.
func bookingScripts(ctx context.Context, h Target, offerings []offering, booked map[uuid.UUID]bool) ([]string, error) {
	var out []string
	seen := map[uuid.UUID]bool{}
	for _, o := range offerings {
		if seen[o.tenant.ID] || !booked[o.tenant.ID] {
			continue
		}
		seen[o.tenant.ID] = true
		hold, confirm, p, c, err := record(ctx, h, o, account(0))
		if err != nil {
			return nil, err
		}
		k := len(out)
		at := "to_timestamp(:at)"
		vary := map[any]string{
			p.ClaimID:       fmt.Sprintf(numbered, "0be0c401-0000-7000-8000-", "n"),
			p.AppointmentID: fmt.Sprintf(numbered, "0be0c402-0000-7000-8000-", "n"),
			p.Holder:        fmt.Sprintf(numbered, "0be0c403-0000-7000-8000-", "n"),
			c.AccountID:     fmt.Sprintf(numbered, accountFamily, "client_id"),
			c.PatientID:     "gen_random_uuid()", c.ConsentID: "gen_random_uuid()", p.Ref: "'KW-' || :n::bigint::text",
			c.RequestKey: "'bench ' || :n::bigint::text",
			c.Answer:     "'/bookings/' || :n::bigint::text", p.StartsAt: at,
			p.ClaimStartsAt: shifted(at, p.ClaimStartsAt.Sub(p.StartsAt)),
			p.ClaimEndsAt:   shifted(at, p.ClaimEndsAt.Sub(p.StartsAt)), p.EndsAt: shifted(at, p.EndsAt.Sub(p.StartsAt)),
		}
		enter := inline(hold[0].sql, append([]string{fmt.Sprintf(":ticket_%d", k)},
			expressions(sent{args: hold[0].args[1:]}, nil)...))
		var b strings.Builder
		fmt.Fprintf(&b, "\\if :ready_%d = 0\nselect bench.ticket(%s, %s) as ticket_%d \\gset\n\\set ready_%d 1\n\\endif\n", k,
			literal(o.tenant.ID), vary[c.AccountID], k, k)
		b.WriteString("\\set i :i + 1\n\\set n (:run * 1000 + :client_id) * 100000 + :i\n")
		fmt.Fprintf(&b, "\\set at %d + ((:run * 32 + :client_id) * 4000 + permute(:i, 4000, 7)) * %d\n", far.Unix(),
			int(apart.Seconds()))
		fmt.Fprintf(&b, "\\startpipeline\n%s%s\\endpipeline\n", enter, inline(hold[1].sql, expressions(hold[1], vary)))
		fmt.Fprintf(&b, "\\startpipeline\n%s%s\\endpipeline\n", enter, inline(confirm[1].sql, expressions(confirm[1], vary)))
		out = append(out, b.String())
	}
	return out, nil
}

func shifted(at string, by time.Duration) string {
	return fmt.Sprintf("%s + %d * interval '1 second'", at, int(by.Seconds()))
}

// topHits is a search as it would be without an index of our own: one reason, ranked by rating,
// distance and the next free time, as many results as a page shows.
const topHits = `select l.resources, l.id, l.location_name, l.street, l.city, l.practitioner, l.specialty, l.languages, l.payers_accepted, l.payers_refused,
    l.price_cents, l.rating, l.ratings, a.next_at,
    0.4 * l.rating / 5 + 0.3 * exp(-sqrt(power((l.lat - $2) * 111, 2) + power((l.lon - $3) * 83, 2)) / 10)
      + 0.3 * exp(-greatest(0, extract(epoch from a.next_at - now())) / 604800) as score
from market.listing l left join market.availability a on a.listing_id = l.id
where l.live and l.reason_code = $1
order by score desc nulls last, l.id limit $4`

// term is one thing that people look for.
type term struct {
	reason, name string
	town         search.ZIPCode
	results      int
}

// searchScripts are the best hits and what is taken of them in five days; the resources of the second are those that
// the first finds.
func searchScripts(ctx context.Context, conn *pgx.Conn, busy string, terms []term, now time.Time) ([]string, [][]sent,
	error) {
	var scripts []string
	var plain [][]sent
	for _, t := range terms {
		first := sent{topHits, []any{t.reason, t.town.Lat, t.town.Lon, search.PageSize}}
		resources, err := resourcesOf(ctx, conn, first)
		if err != nil {
			return nil, nil, err
		}
		second := sent{busy, []any{resources, now.AddDate(0, 0, search.DaysShown), now}}
		town := []string{literal(t.reason), fmt.Sprint(t.town.Lat), fmt.Sprint(t.town.Lon), strconv.Itoa(search.PageSize)}
		scripts = append(scripts, inline(first.sql, town)+inline(second.sql, expressions(second, nil)))
		plain = append(plain, []sent{first, second})
	}
	return scripts, plain, nil
}

// resourcesOf are the first columns of the best hits.
func resourcesOf(ctx context.Context, conn *pgx.Conn, s sent) ([]uuid.UUID, error) {
	rows, err := conn.Query(ctx, s.sql, s.args...)
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

// monthScripts read what is taken of one resource in a month.
func monthScripts(busy string, offerings []offering, from, to civil.Date) ([]string, [][]sent) {
	var scripts []string
	var plain [][]sent
	for _, o := range offerings {
		span := o.published.Schedule.Span(from, to)
		s := sent{busy, []any{o.published.Resources, time.Unix(span.End, 0), time.Unix(span.Start, 0)}}
		scripts = append(scripts, inline(s.sql, expressions(s, nil)))
		plain = append(plain, []sent{s})
	}
	return scripts, plain
}

// shuffled are some of a list, as many as pgbench takes as scripts.
func shuffled[T any](list []T, most int, dice *rand.Rand) []T {
	out := append([]T(nil), list...)
	dice.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:min(most, len(out))]
}
