-- Workplaces are the organizations where an account works now, in order of name, with all its roles.
-- name: Workplaces :many
select t.slug, t.name, t.kind, m.role, m.created_at
from directory.membership m join directory.tenant t on t.id = m.tenant_id
where m.account_id = @account_id and m.ended_at is null
order by t.name, t.id;

-- Members are who works at the scope's organization, the mightiest first.
-- name: Members :many
select m.id, m.account_id, m.role, m.created_at, a.name, a.email,
    exists (select 1 from directory.membership o where o.tenant_id = m.tenant_id and o.role = 'owner' and o.ended_at is null and o.id <> m.id) as other_owner
from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = (select ctx.tenant()) and m.ended_at is null
order by array_position(array['owner', 'manager', 'clinician', 'front_desk', 'billing'], m.role), a.name, m.id;

-- MembershipHistory is who came, changed and left at the scope's organization, the latest first.
-- name: MembershipHistory :many
select a.name, m.role, m.created_at, m.ended_at, coalesce(by_whom.name, '')::text as begun_by, coalesce(ender.name, '')::text as ended_by
from directory.membership m join directory.account a on a.id = m.account_id
left join directory.account by_whom on by_whom.id = m.created_by
left join directory.account ender on ender.id = m.ended_by
where m.tenant_id = (select ctx.tenant()) and m.ended_at is not null
order by m.ended_at desc, m.id limit 100;

-- ChangeRole ends a membership and begins another in its place. Owners change everybody, managers everybody but owners, and make none;
-- the last owner stays one. No row: ended, changed meanwhile, or never made. KW403 = the asker's role does not reach, KW420 = the last owner.
-- The role that somebody has already is kept without a word. All owners' rows are locked first, so that two owners cannot end each other at the same instant.
-- name: ChangeRole :one
with owners as materialized (
    select m.id from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.role = 'owner' and m.ended_at is null order by m.id for update
), asker as (
    select m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.actor()) and m.ended_at is null and m.role in ('owner', 'manager')
), target as (
    select m.id, m.account_id, m.role, m.practitioner_id from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.id = @id and m.ended_at is null
), verdict as (
    select case
        when not exists (select 1 from target) then 'gone'
        when not exists (select 1 from asker) or (select asker.role from asker) <> 'owner' and ((select target.role from target) = 'owner' or sqlc.arg('role')::text = 'owner') then 'not-yours'
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
    select @new_id, ended.tenant_id, ended.account_id, sqlc.arg('role')::text, ended.practitioner_id, sqlc.arg('now')::timestamptz, (select ctx.actor()) from ended
    returning id, account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'Membership', begun.id, 'change role', array['role:' || sqlc.arg('role')::text], 'success' from begun
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'last-owner' then ctx.refuse('KW420') else true end::boolean as kept
from verdict where verdict.word in ('not-yours', 'last-owner', 'same') or exists (select 1 from begun);

-- EndMembership ends one. No row, KW403, KW420: as in ChangeRole.
-- name: EndMembership :one
with owners as materialized (
    select m.id from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.role = 'owner' and m.ended_at is null order by m.id for update
), asker as (
    select m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.actor()) and m.ended_at is null and m.role in ('owner', 'manager')
), target as (
    select m.id, m.account_id, m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.id = @id and m.ended_at is null
), verdict as (
    select case
        when not exists (select 1 from target) then 'gone'
        when not exists (select 1 from asker) or (select asker.role from asker) <> 'owner' and (select target.role from target) = 'owner' then 'not-yours'
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
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'last-owner' then ctx.refuse('KW420') else true end::boolean as ended
from verdict where verdict.word in ('not-yours', 'last-owner') or exists (select 1 from ended);

-- AddMembership makes somebody a member without an invitation, for seeds and the first owner; whoever works there stays as they are.
-- name: AddMembership :exec
with begun as (
    insert into directory.membership (id, tenant_id, account_id, role, practitioner_id)
    values (@id, (select ctx.tenant()), @account_id, sqlc.arg('role')::text, sqlc.narg('practitioner_id'))
    on conflict (tenant_id, account_id) where ended_at is null do nothing
    returning id
)
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
select 'administration', 'Membership', begun.id, 'begin', array['role:' || sqlc.arg('role')::text], 'success' from begun;

-- Invitations are the offers of the scope's organization that nobody has answered, the latest first.
-- name: Invitations :many
select i.id, i.email, i.role, i.created_at, i.expires_at, coalesce(a.name, '')::text as invited_by
from directory.invitation i left join directory.account a on a.id = i.invited_by
where i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null and i.expires_at > sqlc.arg('now')::timestamptz - interval '30 days'
order by i.created_at desc, i.id limit 100;

-- CreateInvitation keeps an offer to an address, in place of the one before it. It touches no account. KW403 = the asker's role does
-- not reach (managers make no owners), KW421 = whoever has the address works there already.
-- name: CreateInvitation :one
with asker as (
    select m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.actor()) and m.ended_at is null and m.role in ('owner', 'manager')
), verdict as (
    select case
        when not exists (select 1 from asker) or (select asker.role from asker) <> 'owner' and sqlc.arg('role')::text = 'owner' then 'not-yours'
        when exists (select 1 from directory.membership m join directory.account a on a.id = m.account_id
            where m.tenant_id = (select ctx.tenant()) and m.ended_at is null and a.email = @email) then 'member'
        else 'invited' end as word
), replaced as (
    update directory.invitation i set revoked_at = sqlc.arg('now')::timestamptz from verdict
    where verdict.word = 'invited' and i.tenant_id = (select ctx.tenant()) and i.email = @email and i.accepted_at is null and i.revoked_at is null
), made as (
    insert into directory.invitation (id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at)
    select @id, (select ctx.tenant()), @email, sqlc.arg('role')::text, @token_hash, (select ctx.actor()), sqlc.arg('now')::timestamptz, sqlc.arg('expires_at')::timestamptz
    from verdict where verdict.word = 'invited'
    returning id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'Invitation', made.id, 'create', array['role:' || sqlc.arg('role')::text], 'success' from made
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'member' then ctx.refuse('KW421') else true end::boolean as invited from verdict;

-- InvitationToSend is an offer that may be sent once more. No row: answered, revoked, or not of this organization.
-- name: InvitationToSend :one
select i.email, i.role from directory.invitation i
where i.id = @id and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null;

-- RevokeInvitation takes an offer back. No row: as in InvitationToSend, or a manager and an owner's role.
-- name: RevokeInvitation :one
with asker as (
    select m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.actor()) and m.ended_at is null and m.role in ('owner', 'manager')
), taken as (
    update directory.invitation i set revoked_at = sqlc.arg('now')::timestamptz from asker
    where i.id = @id and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null and (asker.role = 'owner' or i.role <> 'owner')
    returning i.id, i.email
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'administration', 'Invitation', taken.id, 'revoke', 'success' from taken
)
select taken.email from taken;

-- InvitationPending is an offer by its token, if whoever made it still may make it. No row: used, revoked, run out, or never made.
-- name: InvitationPending :one
select i.id, i.email, i.role, i.expires_at, coalesce(a.name, '')::text as invited_by
from directory.invitation i left join directory.account a on a.id = i.invited_by
where i.token_hash = @token_hash and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null
  and i.expires_at > sqlc.arg('now')::timestamptz
  and exists (select 1 from directory.membership m where m.tenant_id = i.tenant_id and m.account_id = i.invited_by and m.ended_at is null
      and (m.role = 'owner' or m.role = 'manager' and i.role <> 'owner'));

-- AcceptInvitation makes the subject a member, if the offer is to their own address. No row: as in InvitationPending, another
-- address's, or they work there already. It is the only statement by which an invitation has an effect for an account (A08).
-- name: AcceptInvitation :one
with used as (
    update directory.invitation i set accepted_at = sqlc.arg('now')::timestamptz, accepted_by = a.id
    from directory.account a
    where i.token_hash = @token_hash and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null
      and i.expires_at > sqlc.arg('now')::timestamptz
      and a.id = (select ctx.subject()) and a.email = i.email and a.disabled_at is null and ctx.behalf() is null
      and exists (select 1 from directory.membership m where m.tenant_id = i.tenant_id and m.account_id = i.invited_by and m.ended_at is null
          and (m.role = 'owner' or m.role = 'manager' and i.role <> 'owner'))
      and not exists (select 1 from directory.membership m where m.tenant_id = i.tenant_id and m.account_id = a.id and m.ended_at is null)
    returning i.id, i.tenant_id, i.role, i.invited_by, a.id as account_id
), begun as (
    insert into directory.membership (id, tenant_id, account_id, role, created_at, created_by)
    select @membership_id, used.tenant_id, used.account_id, used.role, sqlc.arg('now')::timestamptz, used.invited_by from used
    returning id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'Invitation', used.id, 'accept', array['role:' || used.role], 'success' from used
)
select used.role from used join begun on true;

-- RolesAt are the roles that an account holds at the scope's organization now, what staff roles it has, and whether the organization
-- lets its people in by its own sign-in only. One row.
-- name: RolesAt :one
select coalesce((select array_agg(m.role order by m.role) from directory.membership m
        where m.tenant_id = (select ctx.tenant()) and m.account_id = @account_id and m.ended_at is null), '{}')::text[] as roles,
    coalesce((select array_agg(s.role order by s.role) from directory.staff s where s.account_id = @account_id and s.ended_at is null), '{}')::text[] as staff,
    exists (select 1 from directory.sso o where o.tenant_id = (select ctx.tenant()) and o.required) as own_sign_in;

-- WorksAt tells whether an account works at an organization, and at the platform.
-- name: WorksAt :one
select exists (select 1 from directory.membership m where m.account_id = @account_id and m.ended_at is null) as organizations,
    exists (select 1 from directory.staff s where s.account_id = @account_id and s.ended_at is null) as platform;

-- OwnersAndManagers are the owners and managers of the scope's organization, to be told.
-- name: OwnersAndManagers :many
select a.id, a.email, a.name from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = (select ctx.tenant()) and m.role in ('owner', 'manager') and m.ended_at is null and a.disabled_at is null
order by a.email limit 200;
