-- Invitations are the offers of the scope's organization that nobody has answered, the latest first, a page of them
-- behind one (none: the first).
-- name: Invitations :many
select i.id, i.email, i.role, i.created_at, i.expires_at,
    coalesce(directory.name_at(a.name, a.former_names, i.created_at), '')::text as invited_by
from directory.invitation i left join directory.account a on a.id = i.invited_by
where i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null
    and i.expires_at > sqlc.arg('now')::timestamptz - interval '30 days' and (sqlc.narg('after')::uuid is null
    or (i.created_at, i.id) < (select b.created_at, b.id from directory.invitation b where b.id = sqlc.narg('after')))
order by i.created_at desc, i.id desc limit sqlc.arg('most');

-- LockInvitations makes those who invite to an organization queue until the end of the transaction, so that each sees
-- the offers of the others.
-- name: LockInvitations :exec
select pg_advisory_xact_lock(hashtextextended('invitations of ' || (select ctx.tenant())::text, 0));

-- CreateInvitation keeps an offer to an address, in place of the one before it, which is revoked. It touches no
-- account. KW403 = the asker's role does not reach, neither to what is offered nor to what is revoked; KW421 = whoever
-- has the address works there already. After LockInvitations.
-- name: CreateInvitation :one
with asker as materialized (
    select m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.actor()) and m.ended_at is null for update
), waiting as (
    select i.id, i.role from directory.invitation i
    where i.tenant_id = (select ctx.tenant()) and i.email = @email and i.accepted_at is null and i.revoked_at is null
        and i.expires_at > sqlc.arg('now')::timestamptz
), verdict as (
    select case
        when not exists (select 1 from asker where directory.may_grant(asker.role, sqlc.arg('role')::text)
            and not exists (select 1 from waiting w where not directory.may_grant(asker.role, w.role)))
            then 'not-yours'
        when exists (select 1 from directory.membership m join directory.account a on a.id = m.account_id
            where m.tenant_id = (select ctx.tenant()) and m.ended_at is null and a.email = @email) then 'member'
        else 'invited' end as word
), replaced as (
    update directory.invitation i set revoked_at = sqlc.arg('now')::timestamptz from verdict
    where verdict.word = 'invited' and i.tenant_id = (select ctx.tenant()) and i.email = @email
        and i.accepted_at is null and i.revoked_at is null
    returning i.id
), made as (
    insert into directory.invitation (id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at)
    select @id, (select ctx.tenant()), @email, sqlc.arg('role')::text, @token_hash, (select ctx.actor()),
        sqlc.arg('now')::timestamptz, sqlc.arg('expires_at')::timestamptz
    from verdict where verdict.word = 'invited'
    returning id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'Invitation', made.id, 'create', array['role:' || sqlc.arg('role')::text], 'success'
        from made
    union all
    select 'administration', 'Invitation', replaced.id, 'revoke', '{}'::text[], 'success' from replaced
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'member' then ctx.refuse('KW421')
    else true end::boolean as invited from verdict;

-- InvitationToSend is an offer that may be sent once more. No row: answered, revoked, or not of this organization.
-- name: InvitationToSend :one
select i.email, i.role from directory.invitation i
where i.id = @id and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null;

-- RevokeInvitation takes an offer back. No row: as in InvitationToSend, or the asker's role does not reach.
-- name: RevokeInvitation :one
with asker as materialized (
    select m.role from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.actor()) and m.ended_at is null for update
), taken as (
    update directory.invitation i set revoked_at = sqlc.arg('now')::timestamptz from asker
    where i.id = @id and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null
        and directory.may_grant(asker.role, i.role)
    returning i.id, i.email
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'administration', 'Invitation', taken.id, 'revoke', 'success' from taken
)
select taken.email from taken;

-- InvitationPending is an offer by its token, if whoever made it still may make it. No row: used, revoked, run out, or
-- never made.
-- name: InvitationPending :one
select i.id, i.email, i.role, i.expires_at,
    coalesce(directory.name_at(a.name, a.former_names, i.created_at), '')::text as invited_by
from directory.invitation i left join directory.account a on a.id = i.invited_by
where i.token_hash = @token_hash and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null
    and i.revoked_at is null
  and i.expires_at > sqlc.arg('now')::timestamptz
  and exists (select 1 from directory.membership m where m.tenant_id = i.tenant_id and m.account_id = i.invited_by
      and m.ended_at is null and directory.may_grant(m.role, i.role));

-- AcceptInvitation makes the subject a member, if the offer is to their own address. No row: as in InvitationPending,
-- another address's, or they work there already. It is the only statement by which an invitation has an effect for an
-- account (A08).
-- name: AcceptInvitation :one
with used as (
    update directory.invitation i set accepted_at = sqlc.arg('now')::timestamptz, accepted_by = a.id
    from directory.account a
    where i.token_hash = @token_hash and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null
        and i.revoked_at is null
      and i.expires_at > sqlc.arg('now')::timestamptz
      and a.id = (select ctx.subject()) and a.email = i.email and a.disabled_at is null and ctx.behalf() is null
      and exists (select 1 from directory.membership m where m.tenant_id = i.tenant_id and m.account_id = i.invited_by
          and m.ended_at is null and directory.may_grant(m.role, i.role))
      and not exists (select 1 from directory.membership m where m.tenant_id = i.tenant_id and m.account_id = a.id
          and m.ended_at is null)
    returning i.id, i.tenant_id, i.role, i.invited_by, a.id as account_id
), begun as (
    insert into directory.membership (id, tenant_id, account_id, role, created_at, created_by)
    select @membership_id, used.tenant_id, used.account_id, used.role, sqlc.arg('now')::timestamptz, used.invited_by
        from used
    returning id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'Invitation', used.id, 'accept', array['role:' || used.role], 'success' from used
)
select used.role from used join begun on true;
