-- EventsAfter are the events behind a position that no open transaction can still precede, in order, at most so many.
-- name: EventsAfter :many
select e.xid, e.seq, e.tenant_id, e.kind, e.subject_id, e.data, e.at from outbox.event e
where (e.xid, e.seq) > (sqlc.arg('xid')::xid8, sqlc.arg('seq')::bigint)
    and e.xid < pg_snapshot_xmin(pg_current_snapshot())
order by e.xid, e.seq limit sqlc.arg('most');

-- Progress tells whether there are events that wait for an older transaction to end, which transactions have ended for
-- certain (those before oldest) and which have begun (those before next). One row.
-- name: Progress :one
select (exists (select 1 from outbox.event e
        where e.xid >= pg_snapshot_xmin(pg_current_snapshot())))::boolean as waiting,
    pg_snapshot_xmin(pg_current_snapshot())::xid8 as oldest, pg_snapshot_xmax(pg_current_snapshot())::xid8 as next;

-- Event is one event by its number. No row: there is none, or it is pruned.
-- name: Event :one
select e.xid, e.seq, e.tenant_id, e.kind, e.subject_id, e.data, e.at from outbox.event e where e.seq = @seq;

-- Present is where events from now on begin: nothing before it is still to be committed. One row.
-- name: Present :one
select pg_snapshot_xmin(pg_current_snapshot())::xid8;

-- AddCursor makes a consumer's cursor where there is none: at the first event that is kept, or at the present.
-- name: AddCursor :exec
insert into outbox.cursor (consumer, xid, seq)
values (@consumer, case when sqlc.arg('from_start')::boolean then '0'::xid8
    else pg_snapshot_xmin(pg_current_snapshot()) end, 0)
on conflict do nothing;

-- Cursor is how far a consumer has come, and whether events wait for an older transaction to end. No row: it is not
-- registered.
-- name: Cursor :one
select c.xid, c.seq, (exists (select 1 from outbox.event e
    where e.xid >= pg_snapshot_xmin(pg_current_snapshot())))::boolean as waiting
from outbox.cursor c where c.consumer = @consumer;

-- EventsWaiting is how long the first event has waited that a consumer has not had, in seconds; 0 if there is none.
-- name: EventsWaiting :one
select greatest(0, coalesce(extract(epoch from now() - (select e.at from outbox.event e, outbox.cursor c
    where c.consumer = @consumer and (e.xid, e.seq) > (c.xid, c.seq)
    order by e.xid, e.seq limit 1)), 0))::float8 as seconds;

-- MoveCursor moves a cursor from where it stood; no row moves if another process was first.
-- name: MoveCursor :execrows
update outbox.cursor c set xid = sqlc.arg('to_xid')::xid8, seq = sqlc.arg('to_seq')::bigint, moved_at = now()
where c.consumer = @consumer and c.xid = sqlc.arg('from_xid')::xid8 and c.seq = sqlc.arg('from_seq')::bigint;

-- NotifyListeners tells every process that listens that something was committed.
-- name: NotifyListeners :exec
select pg_notify('kindward_outbox', '');

-- PruneEvents deletes events before a time that every cursor has passed, at most so many. Without any cursor nobody is
-- known to have had anything, and nothing goes. The policy "prune" says a second time that they are old.
-- name: PruneEvents :execrows
delete from outbox.event e where e.seq in (
    select o.seq from outbox.event o
    where o.at < @before and (o.xid, o.seq) <= (select c.xid, c.seq from outbox.cursor c order by c.xid, c.seq limit 1)
    limit sqlc.arg('most'));

-- Restored tells whether the outbox was loaded from another server's dump: transaction ids lie in this server's future.
-- One row.
-- name: Restored :one
select (exists (select 1 from outbox.event e where e.xid >= pg_snapshot_xmax(pg_current_snapshot()))
    or exists (select 1 from outbox.cursor c where c.xid > pg_snapshot_xmax(pg_current_snapshot())))::boolean;

-- RenumberRestored gives every event as its transaction the number of cursors that had not passed it, and every cursor
-- the number of cursors that stood before it: so each has passed exactly what it had passed, and all numbers are
-- smaller than any transaction's. Only the owner of the tables may, after a restore.
-- name: RenumberRestored :exec
with cursors as (
    update outbox.cursor c set seq = 9223372036854775807,
        xid = (select count(*) from outbox.cursor o where (o.xid, o.seq) < (c.xid, c.seq))::text::xid8
)
update outbox.event e set xid = (select count(*) from outbox.cursor o
    where (o.xid, o.seq) < (e.xid, e.seq))::text::xid8;
