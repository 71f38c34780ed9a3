-- StaffNow are the roles that the platform's people have now, by name.
-- name: StaffNow :many
select s.id, s.role, s.created_at, s.account_id, a.name, a.email, coalesce(g.name, '')::text as given_by,
    (exists (select 1 from directory.account x where x.id = s.account_id and x.disabled_at is not null))::boolean as disabled
from directory.staff s join directory.account a on a.id = s.account_id left join directory.account g on g.id = s.created_by
where s.ended_at is null
order by a.name, a.id, s.role;

-- GrantStaff gives an account a role, and ends what runs as it: nobody acts as one of the staff. No row: it has the role already,
-- is the actor's own, or there is no such account.
-- name: GrantStaff :one
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

-- EndStaff takes a role away. Nobody takes their own, and one administrator always remains: two who end each other at the same
-- time wait for each other here, and the second is refused. No row: one of these, or the role was gone.
-- name: EndStaff :one
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

-- StaffRole is one role that somebody has now. No row: it is none.
-- name: StaffRole :one
select s.id, s.account_id, s.role, a.name
from directory.staff s join directory.account a on a.id = s.account_id
where s.id = @id and s.ended_at is null;

-- StaffRoleOf is the id of a role that an account has now. No row: it has not.
-- name: StaffRoleOf :one
select s.id from directory.staff s join directory.account a on a.id = s.account_id
where a.email = sqlc.arg('email')::text and s.role = sqlc.arg('role')::text and s.ended_at is null;

-- FindPeople finds accounts by the beginning of their address, by a part of their name, or by id; at most 50, by name. The look-up
-- is audited with the number of results; what was typed is kept as a keyed hash only.
-- name: FindPeople :many
with found as (
    select a.id, a.email, a.name, a.created_at, a.disabled_at
    from directory.account a
    where a.email like sqlc.arg('email')::text or a.name ilike sqlc.arg('name')::text or a.id = any (sqlc.arg('ids')::uuid[])
    order by a.name, a.id limit 50
), written as (
    insert into audit.event (purpose, resource, action, fields, outcome, after_hash)
    select 'support', 'Account', 'find', array['results', count(*)::text], 'success', sqlc.arg('query_hash')::bytea from found
)
select f.id, f.email, f.name, f.created_at, f.disabled_at,
    (select count(*) from directory.membership m where m.account_id = f.id and m.ended_at is null)::bigint as workplaces,
    (exists (select 1 from directory.staff s where s.account_id = f.id and s.ended_at is null))::boolean as is_staff
from found f order by f.name, f.id;

-- OpenPerson is an account as support sees it, without anything about health; the look is audited and its owner sees it. No row: no
-- such account.
-- name: OpenPerson :one
with page as (
    select a.id, a.email, a.name, a.created_at, a.disabled_at, a.email_changed_at from directory.account a where a.id = sqlc.arg('id')::uuid
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'support', 'Account', p.id, p.id, 'read', '{name,email,sessions,factors,memberships}', 'success' from page p
)
select p.id, p.email, p.name, p.created_at, p.disabled_at, p.email_changed_at,
    (select count(*) from directory.session s where s.account_id = p.id and s.revoked_at is null and s.expires_at > sqlc.arg('now')::timestamptz
        and s.last_seen_at > sqlc.arg('idle_since')::timestamptz)::bigint as sessions,
    coalesce((select array_agg(s.role order by s.role) from directory.staff s where s.account_id = p.id and s.ended_at is null), '{}')::text[] as staff
from page p;

-- FactorsOf are the ways to sign in that an account has besides its password; only in the scope of that account. Exactly one row.
-- name: FactorsOf :one
select (select count(*) from directory.passkey p where p.account_id = sqlc.arg('id')::uuid)::bigint as passkeys,
    (select count(*) from directory.totp t where t.account_id = sqlc.arg('id')::uuid and t.confirmed_at is not null)::bigint as totp,
    (select count(*) from directory.recovery_code r where r.account_id = sqlc.arg('id')::uuid and r.used_at is null)::bigint as codes;

-- WorkplacesOf are the organizations where somebody works now.
-- name: WorkplacesOf :many
select t.name, t.slug, m.role, m.created_at
from directory.membership m join directory.tenant t on t.id = m.tenant_id
where m.account_id = @account_id and m.ended_at is null order by t.name, t.id limit 100;

-- SignInsOf are the latest sign-ins of an account and what became of them, the last first.
-- name: SignInsOf :many
select e.seq, e.at, e.action, e.outcome, coalesce(host(e.ip), '')::text as ip
from audit.event e
where e.patient = sqlc.arg('account_id')::uuid and e.resource = 'Account' and e.action in ('sign-in', 'sign-out', 'sign-out-everywhere', 'reset', 'sign-in-second', 'factor-removed')
order by e.seq desc limit 10;

-- RemoveFactors takes an account's passkeys, its authenticator app and its recovery codes away, and ends its sessions: its owner has
-- lost them and signs in with the password. Only in the scope of that account, by somebody who acts for it. No row: there were none.
-- name: RemoveFactors :one
with apps as (
    delete from directory.totp t where t.account_id = sqlc.arg('id')::uuid returning 1
), passkeys as (
    delete from directory.passkey p where p.account_id = sqlc.arg('id')::uuid returning 1
), codes as (
    delete from directory.recovery_code r where r.account_id = sqlc.arg('id')::uuid returning 1
), counted as (
    select (select count(*) from apps) + (select count(*) from passkeys) + (select count(*) from codes) as n
), revoked as (
    update directory.session s set revoked_at = sqlc.arg('now')::timestamptz where s.account_id = sqlc.arg('id')::uuid and s.revoked_at is null and (select c.n from counted c) > 0
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'support', 'Account', sqlc.arg('id')::uuid, sqlc.arg('id')::uuid, 'factor-removed', '{passkey,totp,recovery_code}', 'success' from counted c where c.n > 0
)
select a.email, a.name from directory.account a, counted c where a.id = sqlc.arg('id')::uuid and c.n > 0;
