-- StartEmailChange keeps the hash of a token that may give the subject another address once. The same token again
-- changes nothing.
-- name: StartEmailChange :exec
with kept as (
    insert into directory.email_change (token_hash, account_id, email, expires_at)
    select @token_hash, (select ctx.subject()), @email, sqlc.arg('expires_at')::timestamptz
    on conflict (token_hash) do nothing
    returning account_id
)
insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
select 'account', 'Account', kept.account_id, kept.account_id, 'email-asked', array['email'], 'success' from kept;

-- EmailChangePending is the address that a token would give the subject. No row: used, run out, never given, or
-- somebody else's.
-- name: EmailChangePending :one
select c.email from directory.email_change c
where c.token_hash = @token_hash and c.account_id = (select ctx.subject()) and c.used_at is null
    and c.expires_at > sqlc.arg('now')::timestamptz;

-- UseEmailChange gives the subject its new address and tells the old one. It spends all such tokens of the account, and
-- the links for a new password that lie in the old mailbox. No row: see EmailChangePending. 23505: the address has
-- become somebody else's.
-- name: UseEmailChange :one
with used as (
    update directory.email_change c set used_at = sqlc.arg('now')::timestamptz
    where c.token_hash = @token_hash and c.account_id = (select ctx.subject()) and c.used_at is null
        and c.expires_at > sqlc.arg('now')::timestamptz
    returning c.account_id, c.email
), spent as (
    update directory.email_change c set used_at = sqlc.arg('now')::timestamptz
    where c.account_id in (select used.account_id from used) and c.token_hash <> @token_hash and c.used_at is null
), links as (
    update directory.password_reset r set used_at = sqlc.arg('now')::timestamptz
    where r.account_id in (select used.account_id from used) and r.used_at is null
), changed as (
    update directory.account a set email = used.email, email_changed_at = sqlc.arg('now')::timestamptz from used
        where a.id = used.account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'account', 'Account', used.account_id, used.account_id, 'email', array['email'], 'success' from used
)
select a.email as old_email, a.name, used.email as new_email from directory.account a
    join used on used.account_id = a.id;

-- SweepEmailChanges deletes tokens that nobody will ask about any more.
-- name: SweepEmailChanges :exec
delete from directory.email_change c where c.expires_at < @before;
