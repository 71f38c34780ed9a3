-- CountAttempts adds one to each key's count and returns the counts, with when their windows began, in no order. A count
-- that began before its key's "since" begins anew. Its window moves on to "starts" while there are attempts left. Keys
-- come sorted, so that two callers lock in the same order; of two at the same time, the second counts the first.
-- name: CountAttempts :many
with asked as materialized (
    select unnest(sqlc.arg('keys')::text[]) as key, unnest(sqlc.arg('starts')::timestamptz[]) as starts,
        unnest(sqlc.arg('since')::timestamptz[]) as since, unnest(sqlc.arg('attempts')::integer[]) as attempts
)
insert into directory.throttle as t (key, window_start, hits)
select asked.key, asked.starts, 1 from asked
on conflict (key) do update set (hits, window_start) = (
    select case when t.window_start < asked.since then 1 else t.hits + 1 end,
        case when t.window_start < asked.since or t.hits < asked.attempts then greatest(
            t.window_start, excluded.window_start) else t.window_start end
    from asked where asked.key = t.key
)
returning t.key, t.hits, t.window_start;

-- UncountAttempts takes one off each key's count: the attempt was none of those to be counted.
-- name: UncountAttempts :exec
update directory.throttle t set hits = t.hits - 1
where t.hits > 0 and t.key in (select k.key from directory.throttle k where k.key = any (@keys::text[])
    order by k.key for update);

-- SweepAttempts deletes counts of windows long past.
-- name: SweepAttempts :exec
delete from directory.throttle where window_start < @before;
