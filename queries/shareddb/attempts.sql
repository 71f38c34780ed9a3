-- CountAttempts adds one to each key's count in its window and returns the counts, in no order. Keys come sorted, so
-- that two callers lock in the same order.
-- name: CountAttempts :many
insert into directory.throttle as t (key, window_start, hits)
select unnest(sqlc.arg('keys')::text[]), unnest(sqlc.arg('starts')::timestamptz[]), 1
on conflict (key) do update set
    hits = case when t.window_start = excluded.window_start then t.hits + 1 else 1 end,
    window_start = excluded.window_start
returning t.key, t.hits;

-- UncountAttempts takes one off each key's count: the attempt was none of those to be counted.
-- name: UncountAttempts :exec
update directory.throttle t set hits = t.hits - 1
where t.hits > 0 and t.key in (select k.key from directory.throttle k where k.key = any (@keys::text[])
    order by k.key for update);

-- SweepAttempts deletes counts of windows long past.
-- name: SweepAttempts :exec
delete from directory.throttle where window_start < @before;
