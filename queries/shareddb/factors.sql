-- Factors counts what an account can show besides its password; the scope's subject is the account.
-- name: Factors :one
select exists (select 1 from directory.totp t where t.account_id = @account_id and t.confirmed_at is not null) as totp,
    (select count(*) from directory.recovery_code r where r.account_id = @account_id
        and r.used_at is null)::int as recovery_left,
    (select count(*) from directory.passkey p where p.account_id = @account_id)::int as passkeys;

-- BeginTOTP keeps a secret that is not in use yet, in place of another such. KW433 = one is in use.
-- name: BeginTOTP :one
with begun as (
    insert into directory.totp as t (account_id, secret) values (@account_id, @secret)
    on conflict (account_id) do update set secret = excluded.secret where t.confirmed_at is null
    returning t.account_id
)
select case when exists (select 1 from begun) then true else ctx.refuse('KW433') end::boolean as begun;

-- TOTPSecret is the account's secret, in use or being set up. No row: none.
-- name: TOTPSecret :one
select t.secret, t.confirmed_at, t.last_step from directory.totp t where t.account_id = @account_id;

-- ConfirmTOTP takes a secret into use, sealed anew, and makes the account's recovery codes these: none from before,
-- whoever made them, passes the second step. It ends all sessions: some rest on the password alone; and it spends the
-- links that wait in emails. The session that asks goes on in the
-- epoch that comes back, if it is still of the account's. KW433 = one is in use already. No row: there is none, or the
-- session that asks has ended meanwhile.
-- name: ConfirmTOTP :one
with ended as (
    select t.account_id as id, directory.end_sessions_and_links(t.account_id, sqlc.arg('epoch')::bigint,
        sqlc.arg('now')::timestamptz) as session_epoch
    from directory.totp t where t.account_id = sqlc.arg('account_id')::uuid and t.confirmed_at is null
), confirmed as (
    update directory.totp t set confirmed_at = sqlc.arg('now')::timestamptz, last_step = @step, secret = @secret
    from ended where ended.session_epoch is not null and t.account_id = ended.id and t.confirmed_at is null
    returning t.account_id, ended.session_epoch
), gone as (
    delete from directory.recovery_code r using confirmed where r.account_id = confirmed.account_id
), codes as (
    insert into directory.recovery_code (account_id, hash) select confirmed.account_id, unnest(@hashes::bytea[])
        from confirmed
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', account_id, account_id, 'second-factor-on', 'success' from confirmed
)
select case when exists (select 1 from confirmed) then true else ctx.refuse('KW433') end::boolean as confirmed,
    coalesce((select c.session_epoch from confirmed c), 0)::bigint as epoch
from directory.totp t
where t.account_id = sqlc.arg('account_id')::uuid and (t.confirmed_at is not null or exists (select 1 from confirmed));

-- UseTOTPStep spends a time step: a code is good once. KW434 = this step or a later one was used before. No row: no
-- secret is in use.
-- name: UseTOTPStep :one
with used as (
    update directory.totp t set last_step = @step
    where t.account_id = @account_id and t.confirmed_at is not null and t.last_step < @step
    returning t.account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', account_id, account_id, 'second-factor', 'success' from used
)
select case when exists (select 1 from used) then true else ctx.refuse('KW434') end::boolean as used
from directory.totp t where t.account_id = @account_id and t.confirmed_at is not null;

-- AddTOTP gives an account a second step with a known secret, for demonstrations.
-- name: AddTOTP :exec
insert into directory.totp (account_id, secret, confirmed_at) values (@account_id, @secret, @now)
    on conflict do nothing;

-- RemoveTOTP ends the second step by codes: secret and recovery codes go. It ends all sessions and spends the links
-- that wait in emails; the session that asks goes on in the epoch that comes back. No row: there was none in use, or
-- the session that asks has ended meanwhile.
-- name: RemoveTOTP :one
with done as (
    select t.account_id as id, directory.end_sessions_and_links(t.account_id, sqlc.arg('epoch')::bigint,
        sqlc.arg('now')::timestamptz) as session_epoch
    from directory.totp t where t.account_id = sqlc.arg('account_id')::uuid and t.confirmed_at is not null
), ended as (
    select done.id, done.session_epoch from done where done.session_epoch is not null
), gone as (
    delete from directory.totp t using ended where t.account_id = ended.id
), codes as (
    delete from directory.recovery_code r using ended where r.account_id = ended.id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', ended.id, ended.id, 'second-factor-off', 'success' from ended
)
select ended.session_epoch::bigint as session_epoch from ended;

-- UseRecoveryCode spends a code and says how many are left. No row: no such code, or it was used.
-- name: UseRecoveryCode :one
with used as (
    update directory.recovery_code r set used_at = sqlc.arg('now')::timestamptz
    where r.account_id = sqlc.arg('account_id')::uuid and r.hash = @hash and r.used_at is null
    returning r.account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', account_id, account_id, 'recovery-code', 'success' from used
)
select (select count(*) from directory.recovery_code r where r.account_id = used.account_id and r.used_at is null
    and r.hash <> @hash)::int as left_over
from used;

-- ReplaceRecoveryCodes makes the codes of an account whose app is in use these. It ends all sessions and spends the
-- links that wait in emails; the session that asks goes on in the epoch that comes back. No row: no app is in use, so
-- there is nothing that codes could stand for, or the session that asks has ended meanwhile.
-- name: ReplaceRecoveryCodes :one
with done as (
    select t.account_id as id, directory.end_sessions_and_links(t.account_id, sqlc.arg('epoch')::bigint,
        sqlc.arg('now')::timestamptz) as session_epoch
    from directory.totp t where t.account_id = sqlc.arg('account_id')::uuid and t.confirmed_at is not null
), ended as (
    select done.id, done.session_epoch from done where done.session_epoch is not null
), gone as (
    delete from directory.recovery_code r using ended where r.account_id = ended.id
), made as (
    insert into directory.recovery_code (account_id, hash) select ended.id, unnest(@hashes::bytea[]) from ended
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', ended.id, ended.id, 'recovery-codes', 'success' from ended
)
select ended.session_epoch::bigint as session_epoch from ended;

-- RemoveFactors takes an account's passkeys, its authenticator app and its recovery codes away, ends its sessions and
-- spends the links that wait in emails: its owner has lost them and signs in with the password. Only in the scope of
-- that account, by somebody who acts for it. KW439 = it takes two. No row: there were none.
-- name: RemoveFactors :one
with removed as (
    select directory.remove_factors(sqlc.arg('id')::uuid, sqlc.arg('now')::timestamptz) as done
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'support', 'Account', sqlc.arg('id')::uuid, sqlc.arg('id')::uuid, 'factor-removed',
        '{passkey,totp,recovery_code}', 'success' from removed where removed.done
)
select case when directory.factors_take_two(a.id) then ctx.refuse('KW439') else true end::boolean as removed, a.email,
    a.name
from directory.account a, removed where a.id = sqlc.arg('id')::uuid and removed.done;

-- FactorRemoval tells whether two of the staff are needed to remove an account's factors, and the request that waits
-- for the second. Exactly one row; without a request its id is null.
-- name: FactorRemoval :one
select directory.factors_take_two(sqlc.arg('account_id')::uuid)::boolean as takes_two,
    r.id, r.requested_by, coalesce(r.reason, '')::text as reason, r.expires_at,
    coalesce(directory.name_at(a.name, a.former_names, r.requested_at), '')::text as requester
from (select 1) one
left join directory.factor_removal r on r.account_id = sqlc.arg('account_id')::uuid and r.approved_at is null
    and r.withdrawn_at is null and r.expires_at > sqlc.arg('now')::timestamptz
left join directory.account a on a.id = r.requested_by;

-- FactorRemovalEnding tells who withdrew or approved a request about this account. No row: nobody; it ran out, or there
-- was none.
-- name: FactorRemovalEnding :one
select directory.name_at(a.name, a.former_names, coalesce(r.withdrawn_at, r.approved_at))::text as name,
    (r.withdrawn_by is not null)::boolean as withdrawn
from directory.factor_removal r join directory.account a on a.id = coalesce(r.withdrawn_by, r.approved_by)
where r.id = @id and r.account_id = @account_id;

-- RequestFactorRemoval asks another of the staff to approve that an account's factors are removed. Only in the scope of
-- that account, by somebody who acts for it. 23P01 (factor_removal_one_waits): a request waits already. No row: there
-- are no factors.
-- name: RequestFactorRemoval :one
with person as (
    select a.id, a.email, a.name from directory.account a
    where a.id = sqlc.arg('account_id')::uuid and a.disabled_at is null and (
        exists (select 1 from directory.totp t where t.account_id = a.id)
        or exists (select 1 from directory.passkey p where p.account_id = a.id)
        or exists (select 1 from directory.recovery_code r where r.account_id = a.id))
), asked as (
    insert into directory.factor_removal (id, account_id, reason, requested_by, requested_at, expires_at)
    select @id, p.id, @reason, ctx.actor(), sqlc.arg('now')::timestamptz, sqlc.arg('until')::timestamptz from person p
    returning id, account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'support', 'FactorRemoval', k.id, k.account_id, 'factor-removal-request', 'success' from asked k
)
select p.email, p.name from person p;

-- ApproveFactorRemoval removes what another of the staff asked for, as RemoveFactors does. Only in the scope of that
-- account, by somebody who acts for it. No row: it has run out, was approved or withdrawn, is the approver's own, one
-- of the two is of the staff no more, or there are no factors any more.
-- name: ApproveFactorRemoval :one
with approved as (
    update directory.factor_removal r set approved_by = (select ctx.actor()), approved_at = sqlc.arg('now')::timestamptz
    where r.id = sqlc.arg('id')::uuid and r.account_id = sqlc.arg('account_id')::uuid and r.approved_at is null
        and r.withdrawn_at is null and r.expires_at > sqlc.arg('now')::timestamptz
        and r.requested_by is distinct from (select ctx.actor())
        and exists (select 1 from directory.staff s where s.account_id = r.requested_by and s.ended_at is null)
        and exists (select 1 from directory.staff s where s.account_id = (select ctx.actor()) and s.ended_at is null)
    returning r.id, r.account_id, r.reason
), removed as (
    select p.id, p.account_id, p.reason, directory.remove_factors(p.account_id, sqlc.arg('now')::timestamptz) as done
    from approved p
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'support', 'FactorRemoval', r.id, r.account_id, 'factor-removal-approve', '{}'::text[], 'success'
        from removed r
    union all
    select 'support', 'Account', r.account_id, r.account_id, 'factor-removed', '{passkey,totp,recovery_code}'::text[],
        'success'
        from removed r
)
select a.email, a.name, r.reason from removed r join directory.account a on a.id = r.account_id where r.done;

-- WithdrawFactorRemoval ends a request before it is approved; any of the staff may. Only in the scope of that account,
-- by somebody who acts for it. No row: it has run out, or was approved or withdrawn.
-- name: WithdrawFactorRemoval :one
with withdrawn as (
    update directory.factor_removal r set withdrawn_by = (select ctx.actor()),
        withdrawn_at = sqlc.arg('now')::timestamptz
    where r.id = sqlc.arg('id')::uuid and r.account_id = sqlc.arg('account_id')::uuid and r.approved_at is null
        and r.withdrawn_at is null and r.expires_at > sqlc.arg('now')::timestamptz
    returning r.id, r.account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'support', 'FactorRemoval', w.id, w.account_id, 'factor-removal-withdraw', 'success' from withdrawn w
)
select a.email, a.name from withdrawn w join directory.account a on a.id = w.account_id;
