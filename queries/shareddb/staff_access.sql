-- ActiveStaffAccess is an act for somebody else that has begun and not ended, with the person it is for. No row: it is
-- over.
-- name: ActiveStaffAccess :one
select a.id, a.kind, a.tenant_id, a.actor, a.may_change, a.expires_at, p.id as person_id,
    coalesce(p.email, '')::text as email, coalesce(p.name, '')::text as name, coalesce(p.phone, '')::text as phone,
        p.born
from directory.staff_access a left join directory.account p on p.id = a.person
where a.id = @id and a.actor = @actor and a.ended_at is null and a.expires_at > sqlc.arg('now')::timestamptz
    and (p.id is null or p.disabled_at is null);

-- BeginImpersonation lets the actor see the site as somebody else, and ends what they had begun before: of several at
-- once one runs. No row: there is no such person, or it is one of the staff, or the actor.
-- name: BeginImpersonation :one
with person as (
    select a.id, a.email, a.name from directory.account a
    where a.id = sqlc.arg('person')::uuid and a.disabled_at is null and a.id is distinct from (select ctx.actor())
        and not exists (select 1 from directory.staff s where s.account_id = a.id and s.ended_at is null)
), locked as materialized (
    select s.id from directory.staff s where s.account_id = (select ctx.actor()) and s.ended_at is null order by s.id
    for update
), before as materialized (
    select p.id, directory.end_acts(ctx.actor(), sqlc.arg('now')::timestamptz) as n
    from person p, (select count(*) as n from locked) l where l.n > 0
), begun as (
    insert into directory.staff_access (id, kind, actor, person, reason, may_change, started_at, expires_at)
    select sqlc.arg('id')::uuid, 'impersonation', ctx.actor(), p.id, sqlc.arg('reason')::text,
        sqlc.arg('may_change')::boolean, sqlc.arg('now')::timestamptz, sqlc.arg('until')::timestamptz
    from person p join before on before.id = p.id
    returning id, person
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'support', 'StaffAccess', b.id, b.person, 'impersonation-begin', case when sqlc.arg('may_change')::boolean
        then '{change}'::text[] else '{}' end, 'success' from begun b
)
select p.email, p.name from person p;

-- BeginEmergencyAccess opens the scope's organization to the actor, and ends what they had begun before, as
-- BeginImpersonation does.
-- name: BeginEmergencyAccess :exec
with locked as materialized (
    select s.id from directory.staff s where s.account_id = (select ctx.actor()) and s.ended_at is null order by s.id
    for update
), before as materialized (
    select directory.end_acts(ctx.actor(), sqlc.arg('now')::timestamptz) as n
    from (select count(*) as n from locked) l where l.n > 0
), begun as (
    insert into directory.staff_access (id, kind, tenant_id, actor, reason, started_at, expires_at)
    select sqlc.arg('id')::uuid, 'emergency', ctx.tenant(), ctx.actor(), sqlc.arg('reason')::text,
        sqlc.arg('now')::timestamptz, sqlc.arg('until')::timestamptz
    from before where before.n >= 0
    returning id, tenant_id
)
insert into audit.event (purpose, resource, resource_id, action, outcome)
select 'emergency', 'StaffAccess', b.id, 'emergency-access-begin', 'success' from begun b;

-- EndStaffAccess ends an act that runs. No row: it was over.
-- name: EndStaffAccess :one
with ended as (
    update directory.staff_access t set ended_at = sqlc.arg('now')::timestamptz
    where t.id = sqlc.arg('id')::uuid and t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz
    returning t.id, t.kind, t.person
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select case e.kind when 'emergency' then 'emergency' else 'support' end, 'StaffAccess', e.id, e.person,
        case e.kind when 'emergency' then 'emergency-access-end' else 'impersonation-end' end, 'success' from ended e
)
select e.kind, e.person from ended e;

-- StaffAccessTenant is the organization of an act, to end it in its scope. No row: no such act, or not for whoever
-- asks.
-- name: StaffAccessTenant :one
select t.tenant_id from directory.staff_access t where t.id = @id;

-- RunningStaffAccess are all acts under way, the oldest first.
-- name: RunningStaffAccess :many
select t.id, t.kind, t.actor, t.person, t.reason, t.may_change, t.started_at, t.expires_at,
    directory.name_at(a.name, a.former_names, t.started_at)::text as actor_name,
    coalesce(p.name, '')::text as person_name, coalesce(o.name, '')::text as organization
from directory.staff_access t join directory.account a on a.id = t.actor
    left join directory.account p on p.id = t.person left join directory.tenant o on o.id = t.tenant_id
where t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz
order by t.started_at limit 100;

-- Impersonations are the acts as one person, the last first.
-- name: Impersonations :many
select t.id, t.reason, t.may_change, t.started_at, t.expires_at, t.ended_at,
    directory.name_at(a.name, a.former_names, t.started_at)::text as actor_name
from directory.staff_access t join directory.account a on a.id = t.actor
where t.person = sqlc.arg('person')::uuid order by t.started_at desc limit 20;

-- UnreviewedEmergencyAccess is emergency access that nobody has reviewed, the oldest first, with what was opened:
-- counts, no names. A person without an account is their chart, which events about them carry; before they did, the
-- visit on a list.
-- name: UnreviewedEmergencyAccess :many
select t.id, t.actor, t.reason, t.started_at, t.expires_at, t.ended_at,
    directory.name_at(a.name, a.former_names, t.started_at)::text as actor_name,
    coalesce(o.name, '')::text as organization,
    w.events, w.patients, w.denied, coalesce(w.resources, '{}')::text[] as resources
from directory.staff_access t join directory.account a on a.id = t.actor left
    join directory.tenant o on o.id = t.tenant_id
cross join lateral (
    select count(*) as events,
        count(distinct coalesce(e.patient::text, (select substr(f.word, 7) from unnest(e.fields) as f(word)
            where f.word like 'chart:%' limit 1), e.resource_id::text)) filter (where e.patient is not null
            or e.resource = 'Patient' or e.resource = 'Appointment' and e.action = 'list') as patients,
        count(*) filter (where e.outcome <> 'success') as denied,
        array_agg(distinct e.resource || ' ' || e.action) as resources
    from audit.event e where e.staff_access_id = t.id and e.resource not in ('StaffAccess', 'Acting')
) w
where t.kind = 'emergency' and t.reviewed_at is null
order by t.started_at limit 200;

-- ReviewedEmergencyAccess is emergency access that was reviewed, the last first.
-- name: ReviewedEmergencyAccess :many
select t.id, t.reason, t.started_at, t.reviewed_at, coalesce(t.verdict, '')::text as verdict, t.review_note,
    directory.name_at(a.name, a.former_names, t.started_at)::text as actor_name,
    coalesce(directory.name_at(r.name, r.former_names, t.reviewed_at), '')::text as reviewer,
    coalesce(o.name, '')::text as organization
from directory.staff_access t join directory.account a on a.id = t.actor left
    join directory.account r on r.id = t.reviewed_by left join directory.tenant o on o.id = t.tenant_id
where t.kind = 'emergency' and t.reviewed_at is not null
order by t.reviewed_at desc limit 20;

-- ReviewEmergencyAccess closes emergency access that is over; the scope is its organization's, which sees the verdict.
-- KW438 = it runs still, was reviewed, or is the reviewer's own. No row: there is none.
-- name: ReviewEmergencyAccess :one
with reviewed as (
    update directory.staff_access t set reviewed_at = sqlc.arg('now')::timestamptz, reviewed_by = (select ctx.actor()),
        verdict = sqlc.arg('verdict')::text, review_note = sqlc.arg('note')::text
    where t.id = sqlc.arg('id')::uuid and t.kind = 'emergency' and t.reviewed_at is null and t.actor is distinct
        from (select ctx.actor())
        and (t.ended_at is not null or t.expires_at <= sqlc.arg('now')::timestamptz)
    returning t.id, t.verdict
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'emergency', 'StaffAccess', r.id, 'emergency-access-review', array[r.verdict], 'success' from reviewed r
)
select case when exists (select 1 from reviewed) then true else ctx.refuse('KW438') end::boolean as reviewed
from directory.staff_access t where t.id = sqlc.arg('id')::uuid and t.kind = 'emergency';
