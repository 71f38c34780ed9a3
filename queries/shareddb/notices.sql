-- PutNotices says what is to be told of the scope's application, and when. Of each kind the last one counts; that
-- people were taken out is due since the first of them was.
-- name: PutNotices :exec
insert into onboarding.notice (tenant_id, kind, version, due)
select (select ctx.tenant()), n.kind, sqlc.arg('version')::int, n.due
from (select unnest(sqlc.arg('kinds')::text[]) as kind, unnest(sqlc.arg('dues')::timestamptz[]) as due) n
on conflict (tenant_id, kind) do update set version = excluded.version,
    due = case when notice.kind = 'left' then least(notice.due, excluded.due) else excluded.due end;

-- DropNotices says that some kinds are not to be told of the scope's application any more.
-- name: DropNotices :exec
delete from onboarding.notice n
where n.tenant_id = (select ctx.tenant()) and n.kind = any(sqlc.arg('kinds')::text[]);

-- TakeNotice takes the right to tell one of the scope's application. No row: told, or to be told another time.
-- name: TakeNotice :one
delete from onboarding.notice n where n.tenant_id = (select ctx.tenant()) and n.kind = @kind and n.version = @version
returning n.kind;

-- FormerApplicants are some accounts that took part in the scope's application and do not any more.
-- name: FormerApplicants :many
select distinct a.id, a.email, a.name from onboarding.participant p join directory.account a on a.id = p.account_id
where p.tenant_id = (select ctx.tenant()) and p.account_id = any(sqlc.arg('accounts')::uuid[]) and a.disabled_at is null
    and not exists (select 1 from onboarding.participant still
        where still.tenant_id = p.tenant_id and still.account_id = p.account_id and still.ended_at is null)
order by a.id;

-- ApplicantsToTell are the accounts that take part in the scope's application.
-- name: ApplicantsToTell :many
select a.email, a.name from onboarding.participant p join directory.account a on a.id = p.account_id
where p.tenant_id = (select ctx.tenant()) and p.ended_at is null and a.disabled_at is null order by a.id;
