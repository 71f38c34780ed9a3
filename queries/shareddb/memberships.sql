-- Workplaces are the organizations where an account works now, in order of name, with all its roles.
-- name: Workplaces :many
select t.slug, t.name, t.kind, m.role, m.created_at
from directory.membership m join directory.tenant t on t.id = m.tenant_id
where m.account_id = @account_id and m.ended_at is null
order by t.name, t.id;

-- Members are who works at the scope's organization, in the order of the roles given.
-- name: Members :many
select m.id, m.account_id, m.role, m.created_at, a.name, a.email,
    exists (select 1 from directory.membership o where o.tenant_id = m.tenant_id and o.role = 'owner'
        and o.ended_at is null and o.id <> m.id) as other_owner
from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = (select ctx.tenant()) and m.ended_at is null
order by array_position(@roles::text[], m.role), a.name, m.id;

-- MembershipHistory is who came, changed and left at the scope's organization, the latest first.
-- name: MembershipHistory :many
select a.name, m.role, m.created_at, m.ended_at, coalesce(by_whom.name, '')::text as begun_by,
    coalesce(ender.name, '')::text as ended_by
from directory.membership m join directory.account a on a.id = m.account_id
left join directory.account by_whom on by_whom.id = m.created_by
left join directory.account ender on ender.id = m.ended_by
where m.tenant_id = (select ctx.tenant()) and m.ended_at is not null
order by m.ended_at desc, m.id limit 100;

-- ChangeRole ends a membership and begins another in its place, for whoever may grant the one and the other role; the
-- last owner stays one. No row: ended, changed meanwhile, or never made. KW403 = the asker's role does not reach, KW420
-- = the last owner. The role that somebody has already is kept without a word. All owners' rows are locked first, so
-- that two owners cannot end each other at the same instant.
-- name: ChangeRole :one
with owners as materialized (
    select m.id from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.role = 'owner' and m.ended_at is null order by m.id for update
), asker as (
    select m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.actor()) and m.ended_at is null
), target as (
    select m.id, m.account_id, m.role, m.practitioner_id from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.id = @id and m.ended_at is null
), verdict as (
    select case
        when not exists (select 1 from target) then 'gone'
        when not exists (select 1 from asker, target where directory.may_grant(asker.role, target.role)
            and directory.may_grant(asker.role, sqlc.arg('role')::text)) then 'not-yours'
        when (select target.role from target) = sqlc.arg('role')::text then 'same'
        when (select target.role from target) = 'owner' and (select count(*) from owners) < 2 then 'last-owner'
        else 'changed' end as word
), ended as (
    update directory.membership m set ended_at = sqlc.arg('now')::timestamptz, ended_by = (select ctx.actor())
    from verdict, target
    where verdict.word = 'changed' and m.id = target.id and m.ended_at is null
    returning m.tenant_id, m.account_id, m.practitioner_id
), begun as (
    insert into directory.membership (id, tenant_id, account_id, role, practitioner_id, created_at, created_by)
    select @new_id, ended.tenant_id, ended.account_id, sqlc.arg('role')::text, ended.practitioner_id,
        sqlc.arg('now')::timestamptz, (select ctx.actor()) from ended
    returning id, account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'Membership', begun.id, 'change role', array['role:' || sqlc.arg('role')::text], 'success'
        from begun
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'last-owner' then ctx.refuse('KW420')
    else true end::boolean as kept
from verdict where verdict.word in ('not-yours', 'last-owner', 'same') or exists (select 1 from begun);

-- EndMembership ends one. No row, KW403, KW420: as in ChangeRole.
-- name: EndMembership :one
with owners as materialized (
    select m.id from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.role = 'owner' and m.ended_at is null order by m.id for update
), asker as (
    select m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.actor()) and m.ended_at is null
), target as (
    select m.id, m.account_id, m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.id = @id and m.ended_at is null
), verdict as (
    select case
        when not exists (select 1 from target) then 'gone'
        when not exists (select 1 from asker, target where directory.may_grant(asker.role, target.role))
            then 'not-yours'
        when (select target.role from target) = 'owner' and (select count(*) from owners) < 2 then 'last-owner'
        else 'ended' end as word
), ended as (
    update directory.membership m set ended_at = sqlc.arg('now')::timestamptz, ended_by = (select ctx.actor())
    from verdict, target
    where verdict.word = 'ended' and m.id = target.id and m.ended_at is null
    returning m.id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'administration', 'Membership', ended.id, 'end', 'success' from ended
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'last-owner' then ctx.refuse('KW420')
    else true end::boolean as ended
from verdict where verdict.word in ('not-yours', 'last-owner') or exists (select 1 from ended);

-- AddMembership makes somebody a member without an invitation, for seeds and the first owner; whoever works there stays
-- as they are.
-- name: AddMembership :exec
with begun as (
    insert into directory.membership (id, tenant_id, account_id, role, practitioner_id)
    values (@id, (select ctx.tenant()), @account_id, sqlc.arg('role')::text, sqlc.narg('practitioner_id'))
    on conflict (tenant_id, account_id) where ended_at is null do nothing
    returning id
)
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
select 'administration', 'Membership', begun.id, 'begin', array['role:' || sqlc.arg('role')::text], 'success'
    from begun;

-- RolesAt are the roles that an account holds at the scope's organization now, what staff roles it has, whether the
-- organization lets its people in by its own sign-in only, and the provider that it has for that, or nobody's id. One
-- row.
-- name: RolesAt :one
select coalesce((select array_agg(m.role order by m.role) from directory.membership m
        where m.tenant_id = (select ctx.tenant()) and m.account_id = @account_id and m.ended_at is null),
            '{}')::text[] as roles,
    coalesce((select array_agg(s.role order by s.role) from directory.staff s where s.account_id = @account_id
        and s.ended_at is null), '{}')::text[] as staff,
    exists (select 1 from directory.sso o where o.tenant_id = (select ctx.tenant()) and o.required) as own_sign_in,
    coalesce((select o.id from directory.sso o where o.tenant_id = (select ctx.tenant())),
        '00000000-0000-0000-0000-000000000000')::uuid as provider;

-- WorksAt tells whether an account works at an organization, and at the platform.
-- name: WorksAt :one
select exists (select 1 from directory.membership m where m.account_id = @account_id
    and m.ended_at is null) as organizations,
    exists (select 1 from directory.staff s where s.account_id = @account_id and s.ended_at is null) as platform;

-- OwnersAndManagers are the owners and managers of the scope's organization, to be told.
-- name: OwnersAndManagers :many
select a.id, a.email, a.name from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = (select ctx.tenant()) and m.role in ('owner', 'manager') and m.ended_at is null
    and a.disabled_at is null
order by a.email limit 200;
