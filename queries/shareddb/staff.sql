-- StaffRoles are the roles that the platform's people have now, by name.
-- name: StaffRoles :many
select s.id, s.role, s.created_at, s.account_id, a.name, a.email, coalesce(g.name, '')::text as given_by,
    (exists (select 1 from directory.account x where x.id = s.account_id and x.disabled_at is not null))::boolean as disabled
from directory.staff s join directory.account a on a.id = s.account_id left join directory.account g on g.id = s.created_by
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

-- GrantStaffRole gives an account a role, and ends what runs as it: nobody acts as one of the staff. No row: it has the role already,
-- is the actor's own, or there is no such account.
-- name: GrantStaffRole :one
with given as (
    insert into directory.staff (id, account_id, role, created_at, created_by)
    select sqlc.arg('id')::uuid, a.id, sqlc.arg('role')::text, sqlc.arg('now')::timestamptz, ctx.actor()
    from directory.account a where a.email = sqlc.arg('email')::text and a.disabled_at is null and a.id is distinct from (select ctx.actor())
    on conflict do nothing
    returning id, account_id, role
), stopped as (
    update directory.staff_access t set ended_at = sqlc.arg('now')::timestamptz
    where t.person in (select g.account_id from given g) and t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'staff', 'Staff', g.id, g.account_id, 'staff-grant', array[g.role], 'success' from given g
)
select g.id, a.name from given g join directory.account a on a.id = g.account_id;

-- EndStaffRole takes a role away. Nobody takes their own, and one administrator always remains: two who end each other at the same
-- time wait for each other here, and the second is refused. No row: one of these, or the role was gone.
-- name: EndStaffRole :one
with administrators as (
    select s.id from directory.staff s where s.role = 'administrator' and s.ended_at is null order by s.id for update
), ended as (
    update directory.staff s set ended_at = sqlc.arg('now')::timestamptz, ended_by = (select ctx.actor())
    where s.id = sqlc.arg('id')::uuid and s.ended_at is null and s.account_id is distinct from (select ctx.actor())
        and (s.role <> 'administrator' or (select count(*) from administrators x where x.id <> sqlc.arg('id')::uuid) > 0)
    returning s.id, s.account_id, s.role
), stopped as (
    update directory.staff_access t set ended_at = sqlc.arg('now')::timestamptz
    where t.actor in (select e.account_id from ended e) and t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'staff', 'Staff', e.id, e.account_id, 'staff-end', array[e.role], 'success' from ended e
)
select e.id, e.role, a.name from ended e join directory.account a on a.id = e.account_id;

-- OpenStaffWork is what needs a person of the staff now. Exactly one row.
-- name: OpenStaffWork :one
select (select count(*) from directory.staff_access t where t.kind = 'emergency' and t.reviewed_at is null)::bigint as emergencies,
    (select count(*) from directory.staff_access t where t.kind = 'emergency' and t.reviewed_at is null and t.started_at < sqlc.arg('late')::timestamptz)::bigint as emergencies_late,
    (select count(*) from audit.alert l where l.reviewed_at is null)::bigint as alerts,
    (select count(*) from directory.staff_access t where t.ended_at is null and t.expires_at > sqlc.arg('now')::timestamptz)::bigint as running,
    (select count(*) from directory.tenant)::bigint as organizations;
