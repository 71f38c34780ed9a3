-- TenantsWithDeadHolds are the organizations in which a hold ran out and nobody has ended it yet.
-- name: TenantsWithDeadHolds :many
select distinct tenant_id from market.busy where expires_at <= now();
