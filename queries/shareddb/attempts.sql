-- CountAttempt adds one to a key's count, unless that is used up, and gives the count with when its window began: more
-- hits than attempts is a refusal. A key with parts is counted in so many steps of its window, the newest of which
-- begins at "starts". One without begins anew when its window began before "since"; the window moves on to "starts"
-- while there are attempts left. Of two at the same time, the second counts the first.
-- name: CountAttempt :one
with asked as materialized (
    select sqlc.arg('key')::text as key, sqlc.arg('starts')::timestamptz as starts,
        sqlc.arg('since')::timestamptz as since, sqlc.arg('attempts')::integer as attempts,
        sqlc.arg('parts')::integer as parts, sqlc.arg('step_seconds')::double precision as step
)
insert into directory.throttle as t (key, window_start, hits, counts)
select asked.key, asked.starts, 1, case when asked.parts = 0 then '{}' else '{1}' end::integer[] from asked
on conflict (key) do update set (hits, window_start, counts) = (
    select case when asked.parts > 0 then had.sum + 1 when t.window_start < asked.since then 1
            else least(t.hits, asked.attempts) + 1 end,
        case when asked.parts > 0 or t.window_start < asked.since or t.hits < asked.attempts
            then greatest(t.window_start, asked.starts) else t.window_start end,
        case when asked.parts = 0 then '{}' when had.sum >= asked.attempts then had.counts
            else (coalesce(had.counts[1], 0) + 1) || had.counts[2:] end
    from asked cross join lateral (
        select (array_fill(0, array[least(asked.parts, greatest(0,
            round(extract(epoch from asked.starts - t.window_start) / asked.step)::integer))])
            || t.counts)[1:asked.parts] as counts
    ) moved cross join lateral (
        select moved.counts, coalesce((select sum(n) from unnest(moved.counts) n), 0)::integer as sum
    ) had
)
returning t.hits, t.window_start, t.counts;

-- AttemptCounts are the counts of some keys as they stand, in no order. No row: nothing was counted yet.
-- name: AttemptCounts :many
select t.key, t.hits, t.window_start, t.counts from directory.throttle t where t.key = any(@keys::text[]);

-- UncountAttempt takes one off a key's count, in the step that began at "starts": the attempt was none of those to be
-- counted.
-- name: UncountAttempt :exec
update directory.throttle t set hits = t.hits - 1, counts = case when place.n <= cardinality(t.counts)
    then t.counts[:place.n - 1] || greatest(0, t.counts[place.n] - 1) || t.counts[place.n + 1:] else t.counts end
from (select k.key, 1 + greatest(0, round(extract(epoch from k.window_start - sqlc.arg('starts')::timestamptz)
        / sqlc.arg('step_seconds')::double precision)::integer) as n
    from directory.throttle k where k.key = @key and k.hits > 0 for update of k) place
where t.key = place.key;

-- SweepAttempts deletes counts of windows long past.
-- name: SweepAttempts :exec
delete from directory.throttle where window_start < @before;
