-- UseAPIKey is the living key of the scope's organization with this secret, and notes at most once a minute that it was
-- used. It is one only if its MAC vouches for it. No row: another organization's, another secret, revoked, run out, or
-- never made.
-- name: UseAPIKey :one
with found as (
    select k.id, k.tenant_id, k.scopes, k.expires_at, k.mac, k.last_used_at from directory.api_key k
    where k.id = @id and k.tenant_id = (select ctx.tenant()) and k.hash = @hash and k.revoked_at is null
        and k.expires_at > sqlc.arg('now')::timestamptz
), noted as (
    update directory.api_key k set last_used_at = sqlc.arg('now')::timestamptz from found
    where k.id = found.id and (found.last_used_at is null
        or found.last_used_at < sqlc.arg('now')::timestamptz - interval '1 minute')
)
select found.id, found.tenant_id, found.scopes, found.expires_at, found.mac from found;

-- WriteAPIKeyUse keeps that an API client read what is no record of a person.
-- name: WriteAPIKeyUse :exec
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
values ('api', @resource, sqlc.narg('resource_id'), 'read', array['key:' || sqlc.arg('id')::text], 'success');

-- APIKeys are the keys of the scope's organization with who made them, those that work first, a page of them behind
-- one (empty: the first), and how many work.
-- name: APIKeys :many
with known as materialized (
    select k.id, k.name, k.scopes, k.created_at, k.expires_at, k.last_used_at, k.revoked_at, k.created_by,
        (k.revoked_at is null and k.expires_at > sqlc.arg('now')::timestamptz) as alive
    from directory.api_key k where k.tenant_id = (select ctx.tenant())
)
select k.id, k.name, k.scopes, k.created_at, k.expires_at, k.last_used_at, k.revoked_at,
    coalesce(directory.name_at(a.name, a.former_names, k.created_at), '')::text as made_by,
    (select count(*) from known w where w.alive) as work
from known k left join directory.account a on a.id = k.created_by
where sqlc.arg('after')::text = ''
    or (k.alive, k.created_at, k.id) < (select b.alive, b.created_at, b.id from known b where b.id = sqlc.arg('after'))
order by k.alive desc, k.created_at desc, k.id desc limit sqlc.arg('most');

-- APIKeyNames are the names of keys of the scope's organization by their ids, in no order.
-- name: APIKeyNames :many
select k.id, k.name from directory.api_key k where k.tenant_id = (select ctx.tenant()) and k.id = any (@ids::text[]);

-- LockAPIKeyName makes those who add keys of one name queue until the end of the transaction.
-- name: LockAPIKeyName :exec
select pg_advisory_xact_lock(hashtextextended(
    'api key ' || (select ctx.tenant())::text || ' ' || sqlc.arg('name')::text, 0));

-- AddAPIKey adds a key, or finds it as its own form made it, alive and no earlier than shown; false: the form made it
-- earlier, or it was revoked. Both are in the audit, as every showing of a key. KW403 = whoever asks is no owner any
-- more, KW430 = two of its name work already. After LockAPIKeyName.
-- name: AddAPIKey :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), before as (
    select (k.tenant_id = (select ctx.tenant()) and k.created_by = (select ctx.actor()) and k.hash = @hash
        and k.revoked_at is null and k.created_at >= sqlc.arg('shown')::timestamptz) as again
    from directory.api_key k where k.id = @id
), made as (
    insert into directory.api_key (id, tenant_id, name, hash, scopes, created_by, created_at, expires_at, mac)
    select @id, (select ctx.tenant()), @name, @hash, @scopes, (select ctx.actor()), sqlc.arg('now')::timestamptz,
        sqlc.arg('expires_at')::timestamptz, @mac
    where (select count(*) from directory.api_key k
        where k.tenant_id = (select ctx.tenant()) and k.name = @name and k.revoked_at is null
            and k.expires_at > sqlc.arg('now')::timestamptz) < 2 and not exists (select 1 from before)
        and exists (select 1 from asker)
    returning id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'ApiKey', (select ctx.tenant()), 'create', array['key:' || made.id], 'success' from made
), shown as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'ApiKey', (select ctx.tenant()), 'show', array['key:' || sqlc.arg('id')::text], 'success'
    from before where before.again
)
select case when not exists (select 1 from asker) then ctx.refuse('KW403')
    when exists (select 1 from made) then true
    when exists (select 1 from before) then coalesce((select b.again from before b), false)
    else ctx.refuse('KW430') end::boolean as made;

-- RevokeAPIKey ends a key for good: nothing vouches for it any more. No row: no such living key here, or whoever asks
-- is no owner any more.
-- name: RevokeAPIKey :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), ended as (
    update directory.api_key k set revoked_at = sqlc.arg('now')::timestamptz, revoked_by = (select ctx.actor()),
        mac = ''
    where k.id = @id and k.tenant_id = (select ctx.tenant()) and k.revoked_at is null
        and exists (select 1 from asker)
    returning k.id, k.name
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'ApiKey', (select ctx.tenant()), 'revoke', array['key:' || ended.id], 'success' from ended
)
select ended.name from ended;
