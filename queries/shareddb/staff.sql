-- StaffRoles are the roles that the platform's people have now, by name.
-- name: StaffRoles :many
select s.id, s.role, s.created_at, s.account_id, a.name, a.email,
    coalesce(directory.name_at(g.name, g.former_names, s.created_at), '')::text as given_by,
    (exists (select 1 from directory.account x where x.id = s.account_id
        and x.disabled_at is not null))::boolean as disabled
from directory.staff s join directory.account a on a.id = s.account_id left
    join directory.account g on g.id = s.created_by
where s.ended_at is null
order by a.name, a.id, s.role;

-- StaffRole is one role that somebody has now. No row: it is none.
-- name: StaffRole :one
select s.id, s.account_id, s.role, a.name
from directory.staff s join directory.account a on a.id = s.account_id
where s.id = @id and s.ended_at is null;

-- StaffRoleID is the id of a role that an account has now. No row: it has not.
-- name: StaffRoleID :one
select s.id from directory.staff s join directory.account a on a.id = s.account_id
where a.email = sqlc.arg('email')::text and s.role = sqlc.arg('role')::text and s.ended_at is null;

-- GrantStaffRole gives an account a role, and ends what runs as it: nobody acts as one of the staff. KW403 = the actor
-- is no administrator any more, KW435 = it has the role already, KW436 = it is the actor's own. No row: there is no
-- such account.
-- name: GrantStaffRole :one
with asker as materialized (
    select s.id from directory.staff s
    where s.account_id = ctx.actor() and s.role = 'administrator' and s.ended_at is null for update
), person as (
    select a.id, a.name, (a.id is not distinct from (select ctx.actor()))::boolean as own
    from directory.account a where a.email = sqlc.arg('email')::text and a.disabled_at is null
), given as (
    insert into directory.staff (id, account_id, role, created_at, created_by)
    select sqlc.arg('id')::uuid, p.id, sqlc.arg('role')::text, sqlc.arg('now')::timestamptz, ctx.actor() from person p
        where not p.own and (ctx.actor() is null or exists (select 1 from asker))
    on conflict do nothing
    returning id, account_id, role
), stopped as (
    update directory.staff_access t set ended_at = sqlc.arg('now')::timestamptz
    where t.person in (select g.account_id from given g) and t.ended_at is null
        and t.expires_at > sqlc.arg('now')::timestamptz
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'staff', 'Staff', g.id, g.account_id, 'staff-grant', array[g.role], 'success' from given g
)
select case when p.own then ctx.refuse('KW436')
    when ctx.actor() is not null and not exists (select 1 from asker) then ctx.refuse('KW403')
    when not exists (select 1 from given) then ctx.refuse('KW435')
    else true end::boolean as given, p.name
from person p;

-- EndStaffRole takes a role away. Nobody takes their own, and one administrator always remains: two who end each other
-- at the same time wait for each other here, and the second is refused. KW436 = it is the actor's own, KW437 = the last
-- administrator's. No row: the role was gone, or the actor's own as an administrator, as it is once all have
-- waited.
-- name: EndStaffRole :one
with locked as materialized (
    select s.id, s.account_id, s.role from directory.staff s
    where s.ended_at is null and (s.role = 'administrator' or s.id = sqlc.arg('id')::uuid) order by s.id for update
), verdict as (
    select l.id, l.account_id, case
        when ctx.actor() is not null and not exists (select 1 from locked x where x.role = 'administrator'
            and x.account_id = ctx.actor()) then 'none'
        when l.account_id is not distinct from (select ctx.actor()) then 'own'
        when l.role = 'administrator' and not exists (select 1 from locked x where x.role = 'administrator'
            and x.id <> l.id) then 'last'
        else 'ended' end as word
    from locked l where l.id = sqlc.arg('id')::uuid
), ended as (
    update directory.staff s set ended_at = sqlc.arg('now')::timestamptz, ended_by = (select ctx.actor())
    from verdict
    where verdict.word = 'ended' and s.id = verdict.id and s.ended_at is null
    returning s.id, s.account_id, s.role
), stopped as (
    update directory.staff_access t set ended_at = sqlc.arg('now')::timestamptz
    where t.actor in (select e.account_id from ended e) and t.ended_at is null
        and t.expires_at > sqlc.arg('now')::timestamptz
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'staff', 'Staff', e.id, e.account_id, 'staff-end', array[e.role], 'success' from ended e
)
select case verdict.word when 'own' then ctx.refuse('KW436') when 'last' then ctx.refuse('KW437')
    else true end::boolean as ended, a.name
from verdict join directory.account a on a.id = verdict.account_id
where verdict.word in ('own', 'last') or exists (select 1 from ended);

-- OpenStaffWork is what needs a person of the staff now. Exactly one row.
-- name: OpenStaffWork :one
select (select count(*) from directory.staff_access t where t.kind = 'emergency'
    and t.reviewed_at is null)::bigint as emergencies,
    (select count(*) from directory.staff_access t where t.kind = 'emergency' and t.reviewed_at is null
        and t.started_at < sqlc.arg('late')::timestamptz)::bigint as emergencies_late,
    (select count(*) from audit.alert l where l.reviewed_at is null)::bigint as alerts,
    (select count(*) from directory.factor_removal r where r.approved_at is null and r.withdrawn_at is null
        and r.expires_at > sqlc.arg('now')::timestamptz)::bigint as removals,
    (select count(*) from directory.staff_access t where t.ended_at is null
        and t.expires_at > sqlc.arg('now')::timestamptz)::bigint as running,
    (select count(*) from directory.tenant)::bigint as organizations;

-- WaitingFactorRemovals are the requests to remove somebody's second factors that wait for another of the staff, the
-- oldest first; at most 20.
-- name: WaitingFactorRemovals :many
select r.account_id, r.requested_by, r.expires_at, p.name as person,
    coalesce(directory.name_at(a.name, a.former_names, r.requested_at), '')::text as requester
from directory.factor_removal r join directory.account p on p.id = r.account_id
    left join directory.account a on a.id = r.requested_by
where r.approved_at is null and r.withdrawn_at is null and r.expires_at > sqlc.arg('now')::timestamptz
order by r.requested_at, r.id limit 20;

-- StaffPairs are, for each request to remove factors, emergency access and alert of some ids, since when both of the
-- two that it takes are of the staff: the one who acts, and whoever asked for it, began it or is named by it. Of other
-- things whoever asks says who was first. The first who has left counts from when they came. No row: there is no such
-- thing, or whoever acts is of the staff no more.
-- name: StaffPairs :many
with first as (
    select r.id, r.requested_by as account_id from directory.factor_removal r where r.id = any(@ids::uuid[])
    union all
    select t.id, t.actor from directory.staff_access t where t.id = any(@ids::uuid[])
    union all
    select l.id, l.actor from audit.alert l where l.id = any(@ids::uuid[])
    union all
    select unnest(@others::uuid[]), unnest(@firsts::uuid[])
), one as (
    select f.id, f.account_id from first f
    union all
    select f.id, ctx.actor() from first f
)
select one.id, max(x.since)::timestamptz as since
from one cross join lateral (
    select coalesce(min(s.created_at) filter (where s.ended_at is null), min(s.created_at)) as since
    from directory.staff s where s.account_id = one.account_id
) x
where x.since is not null and exists (select 1 from directory.staff s where s.account_id = ctx.actor()
    and s.ended_at is null)
group by one.id;
