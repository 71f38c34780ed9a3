-- TenantsWithDeadHolds are the organizations in which a hold ran out and nobody has ended it yet.
-- name: TenantsWithDeadHolds :many
select distinct tenant_id from market.busy where expires_at <= now();

-- HoldsOf are the living holds that count under any of these keyed hashes, at all organizations, by the ids of their
-- claims; the first that ends first.
-- name: HoldsOf :many
select id, tenant_id, expires_at::timestamptz as expires_at from market.busy
where holder = any(sqlc.arg('holders')::bytea[]) and expires_at > now() order by expires_at, id limit 10;
