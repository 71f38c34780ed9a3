-- BeginImpersonation lets the actor see the site as somebody else, and ends what they had begun before. No row: there is no such
-- person, or it is one of the staff, or the actor.
-- name: BeginImpersonation :one
with person as (
    select a.id, a.email, a.name from directory.account a
    where a.id = sqlc.arg('person')::uuid and a.disabled_at is null and a.id is distinct from (select ctx.actor())
        and not exists (select 1 from directory.staff s where s.account_id = a.id and s.ended_at is null)
), before as (
    update directory.acting t set ended_at = sqlc.arg('now')::timestamptz
    where t.actor = (select ctx.actor()) and t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz and exists (select 1 from person)
), begun as (
    insert into directory.acting (id, kind, actor, person, reason, may_change, started_at, expires_at)
    select sqlc.arg('id')::uuid, 'impersonation', ctx.actor(), p.id, sqlc.arg('reason')::text, sqlc.arg('may_change')::boolean, sqlc.arg('now')::timestamptz, sqlc.arg('until')::timestamptz
    from person p
    returning id, person
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'support', 'Acting', b.id, b.person, 'impersonation-begin', case when sqlc.arg('may_change')::boolean then '{change}'::text[] else '{}' end, 'success' from begun b
)
select p.email, p.name from person p;

-- BreakGlass opens the scope's organization to the actor, and ends what they had begun before.
-- name: BreakGlass :exec
with before as (
    update directory.acting t set ended_at = sqlc.arg('now')::timestamptz
    where t.actor = (select ctx.actor()) and t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz
), begun as (
    insert into directory.acting (id, kind, tenant_id, actor, reason, started_at, expires_at)
    values (sqlc.arg('id')::uuid, 'break_glass', ctx.tenant(), ctx.actor(), sqlc.arg('reason')::text, sqlc.arg('now')::timestamptz, sqlc.arg('until')::timestamptz)
    returning id, tenant_id
)
insert into audit.event (purpose, resource, resource_id, action, outcome)
select 'emergency', 'Acting', b.id, 'break-glass-begin', 'success' from begun b;

-- EndAct ends an act that runs. No row: it was over.
-- name: EndAct :one
with ended as (
    update directory.acting t set ended_at = sqlc.arg('now')::timestamptz
    where t.id = sqlc.arg('id')::uuid and t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz
    returning t.id, t.kind, t.person
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select case e.kind when 'break_glass' then 'emergency' else 'support' end, 'Acting', e.id, e.person,
        case e.kind when 'break_glass' then 'break-glass-end' else 'impersonation-end' end, 'success' from ended e
)
select e.kind, e.person from ended e;

-- ActTenant is the organization of an act, to end it in its scope. No row: no such act, or not for whoever asks.
-- name: ActTenant :one
select t.tenant_id from directory.acting t where t.id = @id;

-- ActsRunning are all acts under way, the oldest first.
-- name: ActsRunning :many
select t.id, t.kind, t.actor, t.person, t.reason, t.may_change, t.started_at, t.expires_at, a.name as actor_name,
    coalesce(p.name, '')::text as person_name, coalesce(o.name, '')::text as organization
from directory.acting t join directory.account a on a.id = t.actor
    left join directory.account p on p.id = t.person left join directory.tenant o on o.id = t.tenant_id
where t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz
order by t.started_at limit 100;

-- ActsAs are the acts as one person, the last first.
-- name: ActsAs :many
select t.id, t.reason, t.may_change, t.started_at, t.expires_at, t.ended_at, a.name as actor_name
from directory.acting t join directory.account a on a.id = t.actor
where t.person = sqlc.arg('person')::uuid order by t.started_at desc limit 20;

-- GlassQueue is emergency access that nobody has reviewed, the oldest first, with what was opened: counts, no names.
-- name: GlassQueue :many
select t.id, t.actor, t.reason, t.started_at, t.expires_at, t.ended_at, a.name as actor_name, coalesce(o.name, '')::text as organization,
    w.events, w.patients, w.denied, coalesce(w.resources, '{}')::text[] as resources
from directory.acting t join directory.account a on a.id = t.actor left join directory.tenant o on o.id = t.tenant_id
cross join lateral (
    select count(*) as events, count(distinct e.patient) as patients, count(*) filter (where e.outcome <> 'success') as denied,
        array_agg(distinct e.resource || ' ' || e.action) as resources
    from audit.event e where e.acting_id = t.id and e.resource <> 'Acting'
) w
where t.kind = 'break_glass' and t.reviewed_at is null
order by t.started_at limit 200;

-- GlassReviewed is emergency access that was reviewed, the last first.
-- name: GlassReviewed :many
select t.id, t.reason, t.started_at, t.reviewed_at, coalesce(t.verdict, '')::text as verdict, t.review_note, a.name as actor_name,
    coalesce(r.name, '')::text as reviewer, coalesce(o.name, '')::text as organization
from directory.acting t join directory.account a on a.id = t.actor left join directory.account r on r.id = t.reviewed_by left join directory.tenant o on o.id = t.tenant_id
where t.kind = 'break_glass' and t.reviewed_at is not null
order by t.reviewed_at desc limit 20;

-- ReviewGlass closes emergency access that is over; the scope is its organization's, which sees the verdict. No row: it runs still,
-- was reviewed, or is the reviewer's own.
-- name: ReviewGlass :one
with reviewed as (
    update directory.acting t set reviewed_at = sqlc.arg('now')::timestamptz, reviewed_by = (select ctx.actor()), verdict = sqlc.arg('verdict')::text, review_note = sqlc.arg('note')::text
    where t.id = sqlc.arg('id')::uuid and t.kind = 'break_glass' and t.reviewed_at is null and t.actor is distinct from (select ctx.actor())
        and (t.ended_at is not null or t.expires_at <= sqlc.arg('now')::timestamptz)
    returning t.id, t.verdict
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'emergency', 'Acting', r.id, 'break-glass-review', array[r.verdict], 'success' from reviewed r
)
select r.id from reviewed r;

-- Leaders are the owners and managers of the scope's organization, to be told.
-- name: Leaders :many
select a.id, a.email, a.name from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = (select ctx.tenant()) and m.role in ('owner', 'manager') and m.ended_at is null and a.disabled_at is null
order by a.email limit 200;

-- Waiting is what needs a person of the staff now. Exactly one row.
-- name: Waiting :one
select (select count(*) from directory.acting t where t.kind = 'break_glass' and t.reviewed_at is null)::bigint as glass,
    (select count(*) from directory.acting t where t.kind = 'break_glass' and t.reviewed_at is null and t.started_at < sqlc.arg('late')::timestamptz)::bigint as glass_late,
    (select count(*) from audit.alert l where l.reviewed_at is null)::bigint as alerts,
    (select count(*) from directory.acting t where t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz)::bigint as running,
    (select count(*) from directory.tenant)::bigint as organizations;
