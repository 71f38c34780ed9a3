-- AddApplication begins one, whose id is the scope's.
-- name: AddApplication :exec
insert into onboarding.application (tenant_id, kind, state, definition, created_at)
values ((select ctx.tenant()), @kind, @state, @definition, @created_at);

-- LockApplication makes those who write to the scope's application queue. No row: there is none.
-- name: LockApplication :one
select a.version from onboarding.application a where a.tenant_id = (select ctx.tenant()) for update;

-- MoveApplication says where it is as a whole. KW409 = somebody has written since it was read.
-- name: MoveApplication :exec
with moved as (
    update onboarding.application a set name = @name, status = @status, version = sqlc.arg('version')::int,
        submitted_at = sqlc.narg('submitted_at')::timestamptz, claimed_by = sqlc.narg('claimed_by')::uuid
    where a.tenant_id = (select ctx.tenant()) and a.version = sqlc.arg('version')::int - 1
    returning a.version
)
select ctx.refuse('KW409') where not exists (select 1 from moved);

-- ApplicationLog is all that happened to the scope's application, in order.
-- name: ApplicationLog :many
select l.version, l.kind, l.step, l.data, l.by, l.at from onboarding.log l where l.tenant_id = (select ctx.tenant())
order by l.version;

-- AddApplicationEvent writes into the log of the scope's application, and into the audit that it did.
-- name: AddApplicationEvent :exec
with added as (
    insert into onboarding.log (tenant_id, version, kind, step, data, by, at)
    values ((select ctx.tenant()), @version, sqlc.arg('kind')::text, sqlc.arg('step')::text, @data, sqlc.narg('by'),
        @at)
    returning tenant_id
)
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
select 'administration', 'Application', added.tenant_id, sqlc.arg('kind')::text,
    case when sqlc.arg('step')::text = '' then '{}'::text[] else array['step:' || sqlc.arg('step')::text] end, 'success'
from added;

-- PutStep says where a step of the scope's application is.
-- name: PutStep :exec
insert into onboarding.step (tenant_id, key, state, since, due, attempts, next_at)
values ((select ctx.tenant()), @key, @state, @since, sqlc.narg('due'), @attempts, sqlc.narg('next_at'))
on conflict (tenant_id, key) do update set state = excluded.state, since = excluded.since, due = excluded.due,
    attempts = excluded.attempts, next_at = excluded.next_at;

-- PostponeCheck lets a due check of the scope's application wait that came to nothing on our side, so often in a row.
-- That is no event: the log says nothing of it.
-- name: PostponeCheck :exec
update onboarding.step s set attempts = @attempts, next_at = sqlc.arg('next_at')::timestamptz
where s.tenant_id = (select ctx.tenant()) and s.key = @key and s.next_at <= sqlc.arg('now')::timestamptz;

-- AddAnswer keeps an answer beside those before it.
-- name: AddAnswer :exec
insert into onboarding.answer (tenant_id, version, field, value, by, at)
values ((select ctx.tenant()), @version, @field, @value, @by, @at);

-- AddCheckResult keeps what a register said.
-- name: AddCheckResult :exec
insert into onboarding.check_result (tenant_id, version, step, kind, subject, result, facts, reason, at)
values ((select ctx.tenant()), @version, @step, @kind, @subject, @result, @facts, @reason, @at);

-- MoveCheck says when a check of the scope's application that goes on outside is looked at again.
-- name: MoveCheck :exec
update onboarding.step s set next_at = sqlc.arg('next_at')::timestamptz
where s.tenant_id = (select ctx.tenant()) and s.key = @key and s.state = 'waiting' and s.next_at is not null;

-- HurryCheck lets a check of the scope's application be looked at now, if it would be later.
-- name: HurryCheck :exec
update onboarding.step s set next_at = sqlc.arg('now')::timestamptz
where s.tenant_id = (select ctx.tenant()) and s.key = @key and s.state = 'waiting'
    and s.next_at > sqlc.arg('now')::timestamptz;

-- AddHint says that a webhook was heard. No row: it had been heard before.
-- name: AddHint :execrows
insert into onboarding.hint (event, at) values (@event, @at) on conflict do nothing;
