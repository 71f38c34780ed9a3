-- market.busy is the public shadow of live claims, by their ids: each statement goes with one on the claim.

-- InsertBusy shows a claim and gives when it ends by itself: never, without seconds.
-- name: InsertBusy :one
insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at, expires_at)
values (@id, ctx.tenant(), @resource_id, @starts_at, @ends_at, now() + sqlc.narg('seconds')::int * interval '1 second')
returning expires_at;

-- SetBusyUntil says when a claim ends by itself now: never, without a time.
-- name: SetBusyUntil :exec
update market.busy set expires_at = sqlc.narg('until') where tenant_id = (select ctx.tenant()) and id = @id;

-- DeleteBusy hides a claim.
-- name: DeleteBusy :exec
delete from market.busy where tenant_id = (select ctx.tenant()) and id = @id;
