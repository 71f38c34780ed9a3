-- ReadersOfMany are those who looked at the records of more people than so many within a time, by person and
-- organization (null: as staff). Looks at one's own record count for nothing, nor do lists, which open none. A person
-- without an account is their chart.
-- name: ReadersOfMany :many
with look as (
    select e.actor, e.tenant_id, coalesce(e.patient, e.resource_id) as person, e.at from audit.event e
    where (e.patient <> e.actor or e.patient is null and e.resource = 'Patient' and e.actor is not null)
        and e.action <> 'list' and e.at > @since and e.at <= @until and e.outcome = 'success'
)
select l.actor::uuid as actor, l.tenant_id, array_agg(distinct l.person)::uuid[] as people,
    min(l.at)::timestamptz as first_at, max(l.at)::timestamptz as last_at
from look l
where l.actor in (select b.actor from look b
    group by b.actor having count(distinct b.person) > sqlc.arg('most')::bigint)
group by l.actor, l.tenant_id order by l.actor, l.tenant_id;

-- RaiseAlert keeps what a rule found, unless the same was found of the same person since a time; no row is written
-- then.
-- name: RaiseAlert :execrows
insert into audit.alert (id, kind, actor, tenant_id, at, since, facts)
select sqlc.arg('id')::uuid, sqlc.arg('kind')::text, sqlc.arg('actor')::uuid, sqlc.narg('tenant_id')::uuid,
    sqlc.arg('at')::timestamptz,
    sqlc.arg('since')::timestamptz, sqlc.arg('facts')::jsonb
where not exists (select 1 from audit.alert a
    where a.kind = sqlc.arg('kind')::text and a.actor = sqlc.arg('actor')::uuid
        and a.at > sqlc.arg('not_since')::timestamptz)
on conflict (kind, actor, since) do nothing;
