-- StartEmailChange keeps the hash of a token that may give the subject another address once. The same token again
-- changes nothing.
-- name: StartEmailChange :exec
with kept as (
    insert into directory.email_change (token_hash, account_id, email, expires_at, mac)
    select @token_hash, (select ctx.subject()), @email, sqlc.arg('expires_at')::timestamptz, @mac
    on conflict (token_hash) do nothing
    returning account_id
)
insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
select 'account', 'Account', kept.account_id, kept.account_id, 'email-asked', array['email'], 'success' from kept;

-- EmailChangePending is the address that a token would give the subject, if the MAC vouches for it. No row: used, run
-- out, never given, or somebody else's.
-- name: EmailChangePending :one
select c.email, c.account_id, c.expires_at, c.mac from directory.email_change c
where c.token_hash = @token_hash and c.account_id = (select ctx.subject()) and c.used_at is null
    and c.expires_at > sqlc.arg('now')::timestamptz;

-- UseEmailChange gives the subject its new address, for which the MAC has vouched, and tells the old one. It spends all
-- such tokens of the account, and the links for a new password that lie in the old mailbox, and ends all sessions; the
-- one that asks goes on in the epoch that comes back. No row: see EmailChangePending, or the session that asks has
-- ended meanwhile. 23505: the address has become somebody else's.
-- name: UseEmailChange :one
with changed as (
    update directory.account a set email = c.email, email_changed_at = sqlc.arg('now')::timestamptz
    from directory.email_change c
    where c.token_hash = @token_hash and c.account_id = (select ctx.subject()) and c.email = sqlc.arg('email')::text
        and c.used_at is null and c.expires_at > sqlc.arg('now')::timestamptz
        and a.id = c.account_id and a.session_epoch = sqlc.arg('epoch')::bigint
    returning a.id, c.email
), ended as (
    select k.id, k.email, directory.end_sessions_and_links(k.id, sqlc.arg('epoch')::bigint,
        sqlc.arg('now')::timestamptz) as session_epoch
    from changed k
), told as (
    insert into outbox.event (kind, subject_id) select 'account.changed', ended.id from ended
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'account', 'Account', ended.id, ended.id, 'email', array['email'], 'success' from ended
)
select a.email as old_email, a.name, ended.email as new_email, ended.session_epoch::bigint as epoch
from directory.account a
    join ended on ended.id = a.id;

-- SweepEmailChanges deletes tokens that nobody will ask about any more.
-- name: SweepEmailChanges :exec
delete from directory.email_change c where c.expires_at < @before;
