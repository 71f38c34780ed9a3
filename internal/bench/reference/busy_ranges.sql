-- BusyRanges as it was: what is taken of some resources.
select tenant_id, resource_id,
    array_agg(extract(epoch from starts_at)::bigint order by starts_at)::bigint[] as starts,
    array_agg(extract(epoch from ends_at)::bigint order by starts_at)::bigint[] as ends
from market.busy
where resource_id = any (@resources::uuid[]) and starts_at < @until
    and starts_at > @since::timestamptz - interval '1 day' and ends_at > @since
  and (expires_at is null or expires_at > now())
group by tenant_id, resource_id;
