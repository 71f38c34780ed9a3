-- RolesAt are the roles that an account holds at the scope's organization now, what staff roles it has, and whether the organization
-- lets its people in by its own sign-in only. One row.
-- name: RolesAt :one
select coalesce((select array_agg(m.role order by m.role) from directory.membership m
        where m.tenant_id = (select ctx.tenant()) and m.account_id = @account_id and m.ended_at is null), '{}')::text[] as roles,
    coalesce((select array_agg(s.role order by s.role) from directory.staff s where s.account_id = @account_id and s.ended_at is null), '{}')::text[] as staff,
    exists (select 1 from directory.sso o where o.tenant_id = (select ctx.tenant()) and o.required) as own_sign_in;

-- StaffAccessNow is an act for somebody else that has begun and not ended, with the person it is for. No row: it is over.
-- name: StaffAccessNow :one
select a.id, a.kind, a.tenant_id, a.actor, a.may_change, a.expires_at, p.id as person_id,
    coalesce(p.email, '')::text as email, coalesce(p.name, '')::text as name, coalesce(p.phone, '')::text as phone, p.born
from directory.staff_access a left join directory.account p on p.id = a.person
where a.id = @id and a.actor = @actor and a.ended_at is null and a.expires_at > sqlc.arg('now')::timestamptz and (p.id is null or p.disabled_at is null);

-- WriteDenial keeps that somebody asked for what they may not do. resource_id is the organization, where one was asked about.
-- name: WriteDenial :exec
insert into audit.event (purpose, resource, resource_id, action, outcome)
values ('access', @resource, sqlc.narg('resource_id'), @action, 'denied');

-- WorksAt tells whether an account works at an organization, and at the platform.
-- name: WorksAt :one
select exists (select 1 from directory.membership m where m.account_id = @account_id and m.ended_at is null) as organizations,
    exists (select 1 from directory.staff s where s.account_id = @account_id and s.ended_at is null) as platform;
