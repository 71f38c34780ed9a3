-- AddDocument keeps what is known of a file of the scope's application, to be scanned at once. The upload of the same
-- id, as which it may have arrived, ends. KW447 = the application has as many documents, or as many bytes, as it may
-- have, with what else is on its way. After LockApplication.
-- name: AddDocument :exec
with arrived as (
    delete from onboarding.upload u where u.id = @id and u.tenant_id = (select ctx.tenant())
), held as (
    select count(*) as documents, coalesce(sum(x.size), 0)::bigint as bytes from (
        select d.size from onboarding.document d where d.tenant_id = (select ctx.tenant()) and d.removed_at is null
        union all
        select u.size from onboarding.upload u
        where u.tenant_id = (select ctx.tenant()) and u.ends_at > sqlc.arg('at')::timestamptz and u.id <> @id
    ) x
), verdict as (
    select case when held.documents >= sqlc.arg('most_documents')::int
        or held.bytes + sqlc.arg('size')::bigint > sqlc.arg('most_bytes')::bigint then ctx.refuse('KW447') end from held
)
insert into onboarding.document (id, tenant_id, step, kind, name, type, size, hash, by, at, next_at)
select @id, (select ctx.tenant()), @step, @kind, @name, @type, sqlc.arg('size')::bigint, @hash, sqlc.narg('by')::uuid,
    sqlc.arg('at')::timestamptz, sqlc.arg('at')::timestamptz
from verdict;

-- MoveDocument says where a document of the scope's application is. It is not scanned any more.
-- name: MoveDocument :exec
update onboarding.document d set state = @state, next_at = null
where d.id = @id and d.tenant_id = (select ctx.tenant());

-- RemoveDocument takes a document of the scope's application out: the sweeper deletes its object.
-- name: RemoveDocument :exec
update onboarding.document d set removed_at = sqlc.arg('now')::timestamptz, next_at = null
where d.id = @id and d.tenant_id = (select ctx.tenant()) and d.removed_at is null;

-- SeeDocument is what is known of a document of the scope's application, for whoever opens it; that they do is kept. No
-- row: none of that id, or removed.
-- name: SeeDocument :one
with seen as (
    select d.id, d.name, d.type, d.state from onboarding.document d
    where d.id = @id and d.tenant_id = (select ctx.tenant()) and d.removed_at is null
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'ApplicationDocument', seen.id, 'read',
        array['application:' || (select ctx.tenant())::text], 'success' from seen
)
select seen.name, seen.type, seen.state from seen;

-- PostponeDocument lets the scan of a document of the scope's application wait: half a minute, twice as long each time,
-- an hour at most.
-- name: PostponeDocument :exec
update onboarding.document d set attempts = d.attempts + 1,
    next_at = sqlc.arg('now')::timestamptz
        + least(interval '30 seconds' * power(2, least(d.attempts, 7)), interval '1 hour')
where d.id = @id and d.tenant_id = (select ctx.tenant()) and d.next_at is not null;
