-- ActiveSession is a living session with its account, if it has one. No row: unknown, revoked, run out, idle for too
-- long, or the account is disabled.
-- name: ActiveSession :one
select s.data, s.last_seen_at, s.account_id,
    coalesce(a.email, '')::text as email, coalesce(a.name, '')::text as name, coalesce(a.phone, '')::text as phone,
        a.born
from directory.session s left join directory.account a on a.id = s.account_id
where s.token = @token and s.revoked_at is null and s.expires_at > @now and s.last_seen_at > sqlc.arg('idle_since')
    and a.disabled_at is null;

-- KeepSession writes a session. A revoked row stays as it is: a request that was under way does not revive it.
-- It does not wait for the disk: what a crash loses of the last moment is a sign-in to repeat. Revoking does wait.
-- name: KeepSession :exec
with quick as materialized (select set_config('synchronous_commit', 'off', true) as mode)
insert into directory.session as s (token, account_id, data, user_agent, created_at, last_seen_at, expires_at)
select @token, sqlc.narg('account_id'), @data, @user_agent, @now, @now, @expires_at from quick
on conflict (token) do update set data = excluded.data, account_id = excluded.account_id,
    user_agent = excluded.user_agent, expires_at = excluded.expires_at
where s.revoked_at is null;

-- SeeSession notes that a session is in use.
-- name: SeeSession :exec
update directory.session s set last_seen_at = @now where s.token = @token and s.revoked_at is null;

-- RevokeSession ends a session and leaves its tombstone.
-- name: RevokeSession :exec
update directory.session s set revoked_at = sqlc.arg('now')::timestamptz where s.token = @token
    and s.revoked_at is null;

-- RevokeSessions ends all sessions of an account and says so in the audit.
-- name: RevokeSessions :exec
with revoked as (
    update directory.session s set revoked_at = sqlc.arg('now')::timestamptz
        where s.account_id = sqlc.arg('account_id')::uuid and s.revoked_at is null
)
insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
values ('account', 'Account', sqlc.arg('account_id')::uuid, sqlc.arg('account_id')::uuid, 'sign-out-everywhere',
    'success');

-- EndSession ends one session of the subject, named by the beginning of its token's hash. No row: there is none, or it
-- is somebody else's.
-- name: EndSession :one
with ended as (
    update directory.session s set revoked_at = sqlc.arg('now')::timestamptz
    where s.account_id = (select ctx.subject()) and s.revoked_at is null
      and left(encode(sha256(convert_to(s.token, 'UTF8')), 'hex'), 24) = sqlc.arg('session')::text
    returning s.account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', ended.account_id, ended.account_id, 'session-ended', 'success' from ended
)
select ended.account_id from ended;

-- Sessions are the living sessions of an account, the last used first.
-- name: Sessions :many
select s.token, s.user_agent, s.created_at, s.last_seen_at
from directory.session s
where s.account_id = sqlc.arg('account_id')::uuid and s.revoked_at is null and s.expires_at > @now
    and s.last_seen_at > sqlc.arg('idle_since')
order by s.last_seen_at desc limit 50;

-- SweepSessions deletes sessions and tombstones whose time is over.
-- name: SweepSessions :exec
delete from directory.session where expires_at < @now;
