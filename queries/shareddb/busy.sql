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
