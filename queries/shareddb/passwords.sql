-- PasswordHash is an account's password hash, to check it once more. No row: it has none, or is disabled.
-- name: PasswordHash :one
select p.hash from directory.password p join directory.account a on a.id = p.account_id where p.account_id = @account_id
    and a.disabled_at is null;

-- KeepPasswordHash replaces a password's hash by one of the same password with today's parameters.
-- name: KeepPasswordHash :exec
update directory.password p set hash = @hash where p.account_id = @account_id and p.hash = @old;

-- StartPasswordReset keeps the hash of a token that may change the account's password once. The same token again
-- changes nothing.
-- name: StartPasswordReset :exec
with kept as (
    insert into directory.password_reset (token_hash, account_id, expires_at, mac)
        values (@token_hash, @account_id, @expires_at, @mac)
    on conflict (token_hash) do nothing
    returning account_id
)
insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
select 'account', 'Account', account_id, account_id, 'reset-asked', 'success' from kept;

-- PasswordResetPending is whose password a token may change, if the MAC vouches for it. No row: used, run out, or never
-- given.
-- name: PasswordResetPending :one
select a.id, a.email, a.name, r.expires_at, r.mac
from directory.password_reset r join directory.account a on a.id = r.account_id
where r.token_hash = @token_hash and r.used_at is null and r.expires_at > sqlc.arg('now')::timestamptz
    and a.disabled_at is null;

-- UsePasswordReset changes the password with a token, spends all tokens of the account, those for another address as
-- well, and ends all its sessions; account_id is whose token it is, as was vouched for. No row: see
-- PasswordResetPending.
-- name: UsePasswordReset :one
with used as (
    update directory.password_reset r set used_at = sqlc.arg('now')::timestamptz, mac = ''
    where r.token_hash = @token_hash and r.account_id = sqlc.arg('account_id')::uuid and r.used_at is null
        and r.expires_at > sqlc.arg('now')::timestamptz
    returning r.account_id
), ended as (
    select used.account_id, directory.end_sessions_and_links(used.account_id, null, sqlc.arg('now')::timestamptz)
    from used
), changed as (
    update directory.password p set hash = @hash, changed_at = sqlc.arg('now')
        where p.account_id in (select ended.account_id from ended)
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', ended.account_id, ended.account_id, 'reset', 'success' from ended
)
select a.id, a.email, a.name from directory.account a join ended on ended.account_id = a.id;

-- SweepPasswordResets deletes tokens that nobody will ask about any more.
-- name: SweepPasswordResets :exec
delete from directory.password_reset where expires_at < @before;
