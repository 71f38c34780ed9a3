-- AddClaims adds booked claims and their public shadows.
-- name: AddClaims :exec
with claimed as (
    insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state)
    select unnest(@ids::uuid[]), unnest(@appointments::uuid[]), unnest(@resources::uuid[]),
        unnest(@starts::timestamptz[]), unnest(@ends::timestamptz[]), 'booked'
    returning id, resource_id, starts_at, ends_at
)
insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at)
select claimed.id, (select ctx.tenant()), claimed.resource_id, claimed.starts_at, claimed.ends_at from claimed;
