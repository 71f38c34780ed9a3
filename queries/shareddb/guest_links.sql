-- CreateGuestLink keeps a link to one step of the scope's application. KW403 = whoever asks takes no part; KW447 = so
-- many are open. After LockInvitations.
-- name: CreateGuestLink :one
with verdict as (
    select case
        when not exists (select 1 from onboarding.participant p where p.tenant_id = (select ctx.tenant())
            and p.account_id = (select ctx.actor()) and p.ended_at is null) then 'not-yours'
        when (select count(*) from onboarding.guest_link g where g.tenant_id = (select ctx.tenant())
            and g.ended_at is null and g.expires_at > sqlc.arg('now')::timestamptz) >= sqlc.arg('most')::int then 'many'
        else 'made' end as word
), made as (
    insert into onboarding.guest_link (id, tenant_id, step, secret_hash, made_by, created_at, expires_at, email,
        mac)
    select @id, (select ctx.tenant()), sqlc.arg('step')::text, @secret_hash, (select ctx.actor()),
        sqlc.arg('now')::timestamptz, sqlc.arg('expires_at')::timestamptz, @email, @mac
    from verdict where verdict.word = 'made'
    returning id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'GuestLink', made.id, 'create', array['step:' || sqlc.arg('step')::text], 'success'
    from made
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'many' then ctx.refuse('KW447')
    else true end::boolean as made from verdict;

-- GuestLinks are those of the scope's application that open something, the latest first.
-- name: GuestLinks :many
select g.id, g.step, g.expires_at, g.email, p.name as made_by
from onboarding.guest_link g
join onboarding.participant p on p.tenant_id = g.tenant_id and p.account_id = g.made_by and p.ended_at is null
where g.tenant_id = (select ctx.tenant()) and g.ended_at is null and g.expires_at > sqlc.arg('now')::timestamptz
order by g.created_at desc, g.id;

-- GuestLinkBySecret is one of the scope's application by what it is kept as, if whoever made it still takes part. No
-- row: ended, run out, of another application, or never made.
-- name: GuestLinkBySecret :one
select g.id, g.step, g.expires_at, g.email, g.mac from onboarding.guest_link g
join onboarding.participant p on p.tenant_id = g.tenant_id and p.account_id = g.made_by and p.ended_at is null
where g.secret_hash = @secret_hash and g.tenant_id = (select ctx.tenant()) and g.ended_at is null
    and g.expires_at > sqlc.arg('now')::timestamptz;

-- EndGuestLink lets a link of the scope's application open nothing any more. No row: it is ended, of another, or
-- whoever asks takes no part.
-- name: EndGuestLink :one
with ended as (
    update onboarding.guest_link g set ended_at = sqlc.arg('now')::timestamptz
    where g.id = @id and g.tenant_id = (select ctx.tenant()) and g.ended_at is null
        and exists (select 1 from onboarding.participant p where p.tenant_id = g.tenant_id
            and p.account_id = (select ctx.actor()) and p.ended_at is null)
    returning g.id, g.step
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'GuestLink', ended.id, 'end', array['step:' || ended.step], 'success' from ended
)
select ended.step from ended;
