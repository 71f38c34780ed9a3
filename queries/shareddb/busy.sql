-- BusyClaims are the living claims of some resources, each of its own organization, that end after an instant and begin
-- at most a day before it: one row per resource asked for, in order of start, with the snapshot they were read in and
-- its time. Starts and ends are unix seconds, untils when a hold ends in microseconds, 0 for a booking.
-- name: BusyClaims :many
select asked.tenant_id::uuid as tenant_id, asked.resource_id::uuid as resource_id,
    pg_current_snapshot()::text as snapshot, now()::timestamptz as read_at,
    coalesce(array_agg(b.id order by b.starts_at) filter (where b.id is not null), '{}')::uuid[] as ids,
    coalesce(array_agg(extract(epoch from b.starts_at)::bigint order by b.starts_at)
        filter (where b.id is not null), '{}')::bigint[] as starts,
    coalesce(array_agg(extract(epoch from b.ends_at)::bigint order by b.starts_at)
        filter (where b.id is not null), '{}')::bigint[] as ends,
    coalesce(array_agg(coalesce(extract(epoch from b.expires_at) * 1000000, 0)::bigint order by b.starts_at)
        filter (where b.id is not null), '{}')::bigint[] as untils
from (select unnest(@tenants::uuid[]) as tenant_id, unnest(@resources::uuid[]) as resource_id) asked
left join market.busy b on b.resource_id = asked.resource_id and b.tenant_id = asked.tenant_id
    and b.starts_at > sqlc.arg('since')::timestamptz - interval '1 day' and b.ends_at > sqlc.arg('since')
    and (b.expires_at is null or b.expires_at > now())
group by asked.tenant_id, asked.resource_id;

-- BusyRanges are the living claims of some resources that touch a span: one row per resource, its starts and ends (unix
-- seconds) in order of start. Arrays, because a page of results has hundreds of claims.
-- name: BusyRanges :many
select tenant_id, resource_id,
    array_agg(extract(epoch from starts_at)::bigint order by starts_at)::bigint[] as starts,
    array_agg(extract(epoch from ends_at)::bigint order by starts_at)::bigint[] as ends
from market.busy
where resource_id = any (@resources::uuid[]) and starts_at < @until
    and starts_at > sqlc.arg('since')::timestamptz - interval '1 day' and ends_at > sqlc.arg('since')
  and (expires_at is null or expires_at > now())
group by tenant_id, resource_id;
