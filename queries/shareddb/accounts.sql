-- AccountForSignIn is an account with its password. No row: no such account, or it is disabled; the two must look the same.
-- name: AccountForSignIn :one
select a.id, a.email, a.name, a.phone, a.born, p.hash
from directory.account a join directory.password p on p.account_id = a.id
where a.email = @email and a.disabled_at is null;

-- AccountExists tells whether an address has an account, disabled or not.
-- name: AccountExists :one
select exists (select 1 from directory.account where email = @email);

-- CreateAccount makes an account with its password and says so in the audit; false: the address had one already and nothing was written.
-- name: CreateAccount :one
with made as (
    insert into directory.account (id, email, name, created_at) values (@id, @email, @name, @now) on conflict (email) do nothing returning id
), kept as (
    insert into directory.password (account_id, hash, changed_at) select id, @hash, @now from made
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', id, id, 'sign-up', 'success' from made
)
select exists (select 1 from made);

-- WriteAccountEvent is an audit event without an effect to stand beside: a sign-in, a refused one, a sign-out.
-- name: WriteAccountEvent :exec
insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
values ('account', 'Account', sqlc.narg('account_id'), sqlc.narg('account_id'), @action, @outcome);

-- KeepHash replaces a password's hash by one of the same password with today's parameters.
-- name: KeepHash :exec
update directory.password p set hash = @hash where p.account_id = @account_id and p.hash = @old;

-- KeepDetails remembers what a person typed while booking, to offer it the next time.
-- name: KeepDetails :exec
with kept as (
    update directory.account a set phone = @phone, born = @born where a.id = @id returning a.id
)
insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
select 'account', 'Account', id, id, 'update', array['phone', 'born'], 'success' from kept;

-- StartReset keeps the hash of a token that may change the account's password once.
-- name: StartReset :exec
with kept as (
    insert into directory.password_reset (token_hash, account_id, expires_at) values (@token_hash, @account_id, @expires_at) returning account_id
)
insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
select 'account', 'Account', account_id, account_id, 'reset-asked', 'success' from kept;

-- ResetPending is whose password a token may change. No row: used, run out, or never given.
-- name: ResetPending :one
select a.id, a.email, a.name
from directory.password_reset r join directory.account a on a.id = r.account_id
where r.token_hash = @token_hash and r.used_at is null and r.expires_at > sqlc.arg('now')::timestamptz and a.disabled_at is null;

-- UseReset changes the password with a token, spends all tokens of the account and revokes all its sessions. No row: see ResetPending.
-- name: UseReset :one
with used as (
    update directory.password_reset r set used_at = sqlc.arg('now')::timestamptz
    where r.token_hash = @token_hash and r.used_at is null and r.expires_at > sqlc.arg('now')::timestamptz
    returning r.account_id
), spent as (
    update directory.password_reset r set used_at = sqlc.arg('now')::timestamptz
    where r.account_id in (select used.account_id from used) and r.token_hash <> @token_hash and r.used_at is null
), changed as (
    update directory.password p set hash = @hash, changed_at = sqlc.arg('now') where p.account_id in (select used.account_id from used)
), revoked as (
    update directory.session s set revoked_at = sqlc.arg('now')::timestamptz where s.account_id in (select used.account_id from used) and s.revoked_at is null
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', used.account_id, used.account_id, 'reset', 'success' from used
)
select a.id, a.email, a.name from directory.account a join used on used.account_id = a.id;

-- SweepResets deletes tokens that nobody will ask about any more.
-- name: SweepResets :exec
delete from directory.password_reset where expires_at < @before;
