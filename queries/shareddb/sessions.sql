-- ActiveSession is a living session with its account, if it has one. No row: unknown, revoked, run out, idle for too
-- long, which is sooner for a visitor without an account and where somebody works, of an epoch that is over, or the
-- account is disabled. It is one only if its MAC vouches for it.
-- name: ActiveSession :one
select s.id, s.data, s.last_seen_at, s.account_id, s.epoch, s.work, s.created_at, s.expires_at, s.mac,
    coalesce(a.email, '')::text as email, coalesce(a.name, '')::text as name, coalesce(a.phone, '')::text as phone,
        a.born
from directory.session s left join directory.account a on a.id = s.account_id
where s.token = @token and s.revoked_at is null and s.expires_at > @now and s.last_seen_at > sqlc.arg('idle_since')
    and (s.account_id is not null or s.last_seen_at > sqlc.arg('visitor_idle_since'))
    and (not s.work or s.last_seen_at > sqlc.arg('work_idle_since') and s.created_at > sqlc.arg('work_since'))
    and a.disabled_at is null and (s.account_id is null or a.session_epoch = s.epoch);

-- SessionOwner is whose a session is or was, however it ended: what they typed is kept for them alone. It opens
-- nothing, so no MAC is asked for. No row: unknown, swept, or a visitor's.
-- name: SessionOwner :one
select s.account_id::uuid as account_id from directory.session s where s.token = @token and s.account_id is not null;

-- BeginSession writes a session that nobody has yet. It does not wait for the disk: what a crash loses of the last
-- moment is a sign-in to repeat. Ending one does wait.
-- name: BeginSession :exec
with quick as materialized (select set_config('synchronous_commit', 'off', true) as mode)
insert into directory.session as s (id, token, account_id, epoch, work, data, user_agent, created_at, last_seen_at,
    expires_at, mac, sso_session)
select @id, @token, sqlc.narg('account_id'), @epoch, @work, @data, @user_agent, @now, @now, @expires_at, @mac,
    sqlc.narg('sso_session')
from quick;

-- KeepSession writes into a session that was read under the token "was", and may give it another token. It lives as
-- long as it did. No row: meanwhile it ended or got another token, and nothing is written. work_mac is for a session in
-- which a page of work was opened, as another request may have done meanwhile. One that ended with its epoch goes on in
-- another or not at all: a request that was under way gives it no MAC again. It does not wait for the disk, as
-- BeginSession.
-- name: KeepSession :execrows
with quick as materialized (select set_config('synchronous_commit', 'off', true) as mode)
update directory.session s set token = @token, data = @data, account_id = sqlc.narg('account_id'), epoch = @epoch,
    work = s.work or sqlc.arg('work')::boolean, user_agent = @user_agent,
    sso_session = sqlc.narg('sso_session'),
    mac = case when s.work or sqlc.arg('work')::boolean then sqlc.arg('work_mac')::bytea else sqlc.arg('mac')::bytea end
from quick
where s.id = @id and s.token = @was and s.revoked_at is null
    and (s.mac <> '' or s.epoch <> @epoch or s.account_id is distinct from sqlc.narg('account_id'));

-- SeeSession notes that a session is in use.
-- name: SeeSession :exec
update directory.session s set last_seen_at = @now where s.id = @id and s.revoked_at is null;

-- RevokeSession ends a session by its id, under whichever token it is by now, or by a token, and leaves its tombstone,
-- for which nothing vouches.
-- name: RevokeSession :exec
update directory.session s set revoked_at = sqlc.arg('now')::timestamptz, mac = ''
where (s.id = @id or s.token = @token) and s.revoked_at is null;

-- EndSessions ends all sessions of an account, those also that a request under way has yet to write, and says so in the
-- audit. Nothing vouches for them any more.
-- name: EndSessions :exec
with ended as materialized (
    select directory.end_sessions(sqlc.arg('account_id')::uuid, null) as session_epoch
)
insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
select 'account', 'Account', sqlc.arg('account_id')::uuid, sqlc.arg('account_id')::uuid, 'sign-out-everywhere',
    'success'
from ended where ended.session_epoch is not null;

-- EndSession ends one session of the subject. No row: there is none, or it is somebody else's.
-- name: EndSession :one
with ended as (
    update directory.session s set revoked_at = sqlc.arg('now')::timestamptz, mac = ''
    where s.account_id = (select ctx.subject()) and s.revoked_at is null and s.id = @id
        and s.epoch = (select a.session_epoch from directory.account a where a.id = (select ctx.subject()))
    returning s.account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', ended.account_id, ended.account_id, 'session-ended', 'success' from ended
)
select ended.account_id from ended;

-- Sessions are the living sessions of an account, the last used first.
-- name: Sessions :many
select s.id, s.user_agent, s.created_at, s.last_seen_at
from directory.session s join directory.account a on a.id = s.account_id and a.session_epoch = s.epoch
where s.account_id = sqlc.arg('account_id')::uuid and s.revoked_at is null and s.expires_at > @now
    and s.last_seen_at > sqlc.arg('idle_since')
    and (not s.work or s.last_seen_at > sqlc.arg('work_idle_since') and s.created_at > sqlc.arg('work_since'))
order by s.last_seen_at desc limit 50;

-- SweepSessions deletes sessions and tombstones whose time is over.
-- name: SweepSessions :exec
delete from directory.session where expires_at < @now;

-- SweepVisitorSessions deletes visitors' sessions that are idle. It is a statement of its own, because it reads the
-- whole table once an hour, which bounds its size; an index would be written at every request for that.
-- name: SweepVisitorSessions :exec
delete from directory.session where account_id is null and last_seen_at < sqlc.arg('idle_since');
