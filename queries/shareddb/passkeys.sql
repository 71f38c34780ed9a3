-- Passkeys are the subject's own, the oldest first.
-- name: Passkeys :many
select p.id, p.credential, p.name, p.created_at, p.last_used_at
from directory.passkey p
where p.account_id = (select ctx.subject())
order by p.created_at, p.id;

-- AddPasskey gives the subject one more, up to twenty. It ends all sessions and spends the links that wait in emails:
-- they rest on less. The session that asks goes on in the epoch that comes back. KW431 = twenty, or the device's
-- passkey is known already. No row: the session that asks has ended meanwhile.
-- name: AddPasskey :one
with done as (
    select a.id, directory.end_sessions_and_links(a.id, sqlc.arg('epoch')::bigint, sqlc.arg('now')::timestamptz)
        as session_epoch
    from directory.account a where a.id = (select ctx.subject())
), ended as (
    select done.id, done.session_epoch from done where done.session_epoch is not null
), made as (
    insert into directory.passkey (id, account_id, credential_id, credential, name, created_at)
    select @id, ended.id, @credential_id, @credential, @name, sqlc.arg('now')::timestamptz from ended
    where (select count(*) from directory.passkey p where p.account_id = (select ctx.subject())) < 20
    on conflict (credential_id) do nothing
    returning id, account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Passkey', made.id, made.account_id, 'create', 'success' from made
)
select case when exists (select 1 from made) then true else ctx.refuse('KW431') end::boolean as made,
    ended.session_epoch::bigint as epoch
from ended;

-- UsePasskey notes that a passkey was used, for the action named, and keeps what it became; the audit has it when it
-- became one that its owner's devices share ("backup eligible"). No row: it is gone, or its counter did not go on,
-- though it counts, or it was shared and is so no more: another holds a copy of it.
-- name: UsePasskey :one
with used as (
    update directory.passkey p set credential = @credential, last_used_at = sqlc.arg('now')::timestamptz
    where p.id = @id and p.account_id = (select ctx.subject())
      and (sqlc.arg('counter')::bigint = 0 and coalesce((p.credential #>> '{authenticator,signCount}')::bigint, 0) = 0
        or sqlc.arg('counter')::bigint > coalesce((p.credential #>> '{authenticator,signCount}')::bigint, 0))
      and (sqlc.arg('shared')::boolean or not coalesce((p.credential #>> '{flags,backupEligible}')::boolean, false))
    returning p.id, p.account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'account', 'Account', used.account_id, used.account_id, sqlc.arg('action')::text, array['passkey'] || case
        when sqlc.arg('shared')::boolean and not coalesce((b.credential #>> '{flags,backupEligible}')::boolean, false)
            then array['backup-eligible'] else '{}'::text[] end, 'success'
        from used join directory.passkey b on b.id = used.id
)
select used.id from used;

-- RefusePasskey keeps that a passkey whose counter did not go on was refused.
-- name: RefusePasskey :exec
insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
values ('account', 'Passkey', @id, (select ctx.subject()), 'copied', 'denied');

-- RemovePasskey takes one of the subject's away and tells its name. It ends all sessions and spends the links that wait
-- in emails; the session that asks goes on in the epoch that comes back. No row: there is none, it is somebody else's,
-- or the session that asks has ended meanwhile.
-- name: RemovePasskey :one
with done as (
    select p.account_id as id, directory.end_sessions_and_links(p.account_id, sqlc.arg('epoch')::bigint,
        sqlc.arg('now')::timestamptz) as session_epoch
    from directory.passkey p where p.id = @id and p.account_id = (select ctx.subject())
), ended as (
    select done.id, done.session_epoch from done where done.session_epoch is not null
), gone as (
    delete from directory.passkey p using ended where p.id = @id and p.account_id = ended.id
    returning p.id, p.account_id, p.name
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Passkey', gone.id, gone.account_id, 'delete', 'success' from gone
)
select gone.name, ended.session_epoch::bigint as epoch from gone join ended on ended.id = gone.account_id;
