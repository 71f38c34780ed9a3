-- BeginUpload is how much is there of a file that somebody sends for the scope's application: nothing of a new one,
-- what was left of one that they send again. Another one of the same kind ends. KW447 = the application has as many
-- documents, or as many bytes, as it may have, with what is on its way.
-- name: BeginUpload :one
with held as (
    select count(*) as documents, coalesce(sum(x.size), 0)::bigint as bytes from (
        select d.size from onboarding.document d
        where d.tenant_id = (select ctx.tenant()) and d.removed_at is null and d.kind <> @kind
        union all
        select u.size from onboarding.upload u
        where u.tenant_id = (select ctx.tenant()) and u.ends_at > sqlc.arg('now')::timestamptz
            and (u.by <> sqlc.arg('by')::uuid or u.kind <> @kind)
    ) x
), verdict as (
    select case when held.documents >= sqlc.arg('most_documents')::int
        or held.bytes + sqlc.arg('size')::bigint > sqlc.arg('most_bytes')::bigint then ctx.refuse('KW447') end from held
)
insert into onboarding.upload as before (id, tenant_id, by, step, kind, name, size, hash, ends_at)
select @id, (select ctx.tenant()), sqlc.arg('by')::uuid, @step, @kind, @name, sqlc.arg('size')::bigint, @hash,
    sqlc.arg('ends_at')::timestamptz
from verdict
on conflict (tenant_id, by, kind) do update set step = excluded.step, name = excluded.name, ends_at = excluded.ends_at,
    id = case when before.hash = excluded.hash and before.size = excluded.size
        and before.ends_at > sqlc.arg('now')::timestamptz then before.id else excluded.id end,
    received = case when before.hash = excluded.hash and before.size = excluded.size
        and before.ends_at > sqlc.arg('now')::timestamptz then before.received else 0 end,
    size = excluded.size, hash = excluded.hash
returning id, received;

-- Upload is a file on its way to the scope's application, of whoever sends it. No row: there is none, or it has ended.
-- name: Upload :one
select u.id, u.step, u.kind, u.name, u.size, u.hash, u.received from onboarding.upload u
where u.id = @id and u.tenant_id = (select ctx.tenant()) and u.by = sqlc.arg('by')::uuid
    and u.ends_at > sqlc.arg('now')::timestamptz;

-- Uploads are the files on their way to the scope's application of somebody who sends them.
-- name: Uploads :many
select u.id, u.step, u.kind, u.name, u.size, u.received from onboarding.upload u
where u.tenant_id = (select ctx.tenant()) and u.by = sqlc.arg('by')::uuid and u.ends_at > sqlc.arg('now')::timestamptz
order by u.kind;

-- AdvanceUpload says that the part behind so many bytes of a file is kept. No row: another one was kept there, or the
-- file has ended.
-- name: AdvanceUpload :one
update onboarding.upload u set received = u.received + sqlc.arg('size')::bigint,
    ends_at = sqlc.arg('ends_at')::timestamptz
where u.id = @id and u.tenant_id = (select ctx.tenant()) and u.by = sqlc.arg('by')::uuid
    and u.received = sqlc.arg('received')::bigint and u.ends_at > sqlc.arg('now')::timestamptz
returning u.received;

-- EndUpload lets go of a file on its way to the scope's application. No row: it is gone.
-- name: EndUpload :one
delete from onboarding.upload u
where u.id = @id and u.tenant_id = (select ctx.tenant()) and u.by = sqlc.arg('by')::uuid
returning u.received;
