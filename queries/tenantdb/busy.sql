-- market.busy is the public shadow of live claims, by their ids: each statement goes with one on the claim.

-- InsertBusy shows a claim and gives when it ends by itself: never, without seconds. One that counts as a hold, under
-- the first of its holders, is refused with KW417 if under them as many times are held as one may hold, at all
-- organizations together; it comes after LockHoldCounts.
-- name: InsertBusy :one
insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at, expires_at, holder)
select @id, (select ctx.tenant()), @resource_id, @starts_at, @ends_at,
    now() + sqlc.narg('seconds')::int * interval '1 second',
    case when coalesce(cardinality(sqlc.arg('holders')::bytea[]), 0) = 0 then null
        when (select count(*) from market.busy b where b.holder = any(sqlc.arg('holders')::bytea[])
            and b.expires_at > now()) >= sqlc.arg('most')::int then ctx.refuse('KW417')::text::bytea
        else (sqlc.arg('holders')::bytea[])[1] end
returning expires_at;

-- SetBusyUntil says when a claim ends by itself now: never, without a time, and then it is no hold that counts.
-- name: SetBusyUntil :exec
update market.busy set expires_at = sqlc.narg('until'),
    holder = case when sqlc.narg('until')::timestamptz is not null then holder end
where tenant_id = (select ctx.tenant()) and id = @id;

-- SetBusyHolder says under whom a hold counts now.
-- name: SetBusyHolder :exec
update market.busy set holder = @holder where tenant_id = (select ctx.tenant()) and id = @id and holder is not null;

-- DeleteBusy hides a claim.
-- name: DeleteBusy :exec
delete from market.busy where tenant_id = (select ctx.tenant()) and id = @id;
