-- ReadersOfMany are those who opened the records of more people than so many within a time, or were shown more than so
-- many in lists and records together, by person, organization (null: none) and whether they acted there as staff of the
-- platform. Looks at one's own record count for nothing. A person without an account is their chart, or their visit on
-- a list of visits or behind a reference. An export counts the people that it says it named: words of another form
-- than it writes say nothing, whoever wrote them.
-- name: ReadersOfMany :many
with look as (
    select e.actor, e.tenant_id, (e.staff_access_id is not null)::boolean as as_staff,
        coalesce(e.patient, e.resource_id) as person, e.at, e.action in ('list', 'list-log', 'read-contact') as listed,
        0::bigint as exported
    from audit.event e
    where (e.patient <> e.actor or e.patient is null and e.actor is not null
            and (e.resource = 'Patient' or e.resource = 'Appointment' and e.action in ('list', 'find')))
        and e.at > @since and e.at <= @until and e.outcome = 'success'
    union all
    select e.actor, null, false, null, e.at, true,
        (select coalesce(sum(case when f.word ~ '^people:[0-9]{1,7}$' then substr(f.word, 8)::bigint end), 0)
            from unnest(e.fields) as f(word))::bigint
    from audit.event e
    where e.resource = 'AuditEvent' and e.action = 'export' and e.actor is not null
        and e.at > @since and e.at <= @until and e.outcome = 'success'
)
select l.actor::uuid as actor, l.tenant_id, l.as_staff::boolean as as_staff,
    coalesce(array_agg(distinct l.person) filter (where not l.listed), '{}')::uuid[] as opened,
    coalesce(array_agg(distinct l.person) filter (where l.person is not null), '{}')::uuid[] as shown,
    sum(l.exported)::bigint as exported, min(l.at)::timestamptz as first_at, max(l.at)::timestamptz as last_at
from look l
where l.actor in (select b.actor from look b group by b.actor
    having count(distinct b.person) filter (where not b.listed) > sqlc.arg('most_opened')::bigint
        or count(distinct b.person) + sum(b.exported) > sqlc.arg('most_shown')::bigint)
group by l.actor, l.tenant_id, l.as_staff order by l.actor, l.tenant_id, l.as_staff;

-- RaiseAlert keeps what a rule found, unless the same was found of the same person less than an hour before or after;
-- no row is written then.
-- name: RaiseAlert :execrows
insert into audit.alert (id, kind, actor, tenant_id, at, since, facts)
select sqlc.arg('id')::uuid, sqlc.arg('kind')::text, sqlc.arg('actor')::uuid, sqlc.narg('tenant_id')::uuid,
    sqlc.arg('at')::timestamptz,
    sqlc.arg('since')::timestamptz, sqlc.arg('facts')::jsonb
where not exists (select 1 from audit.alert a
    where a.kind = sqlc.arg('kind')::text and a.actor = sqlc.arg('actor')::uuid
        and a.at > sqlc.arg('at')::timestamptz - interval '1 hour'
        and a.at < sqlc.arg('at')::timestamptz + interval '1 hour')
on conflict (kind, actor, since) do nothing;
