-- TakeSealing gives a process the turn to seal for some seconds more, if it has it or nobody does; no row changes if
-- another one has it. It waits for nobody.
-- name: TakeSealing :execrows
update audit.sealing s set holder = sqlc.arg('holder')::uuid,
    until = now() + sqlc.arg('seconds')::float8 * interval '1 second'
where s.one = (select t.one from audit.sealing t where t.holder = sqlc.arg('holder')::uuid or t.until < now()
    for update skip locked);

-- LeaveSealing gives the turn back.
-- name: LeaveSealing :exec
update audit.sealing s set until = now() where s.holder = @holder and s.until > now();

-- SealingState is the newest checkpoint, whether it comes from another server's dump, and how many leaves there are. No
-- row: nothing is sealed yet.
-- name: SealingState :one
select c.size, c.root, c.xid, c.event_seq, c.note, c.at,
    (c.xid >= pg_snapshot_xmax(pg_current_snapshot()))::boolean as from_future,
    (select coalesce(max(l.number), -1) + 1 from audit.leaf l)::bigint as leaves
from audit.checkpoint c order by c.size desc limit 1;

-- UnsealedEvents are the events of the present epoch, which have larger numbers than those before it, behind a position
-- that no open transaction can still precede, in order, every column, at most so many.
-- name: UnsealedEvents :many
select e.* from audit.event_row e
where (e.xid, e.seq) > (sqlc.arg('xid')::xid8, sqlc.arg('seq')::bigint) and e.seq > sqlc.arg('before_epoch')::bigint
    and e.xid < pg_snapshot_xmin(pg_current_snapshot())
order by e.xid, e.seq limit sqlc.arg('most');

-- EventsUnsealed is how long the first event has waited that stands under no checkpoint, in seconds; 0 if there is
-- none. Events of earlier epochs may lie in this server's future, and are not looked at.
-- name: EventsUnsealed :one
with epoch as (
    select coalesce(max(k.size), -1) as size, coalesce(max(k.event_seq), 0) as event_seq from audit.epoch k
), last as (
    select c.xid, c.event_seq from audit.checkpoint c, epoch k where c.size > k.size order by c.size desc limit 1
), place as (
    select coalesce((select l.xid from last l), '0'::xid8) as xid, k.event_seq as before_epoch,
        coalesce((select l.event_seq from last l), k.event_seq) as seq
    from epoch k
)
select greatest(0, coalesce(extract(epoch from now() - (select e.at from audit.event e, place p
    where (e.xid, e.seq) > (p.xid, p.seq) and e.seq > p.before_epoch
        and e.xid < pg_snapshot_xmax(pg_current_snapshot())
    order by e.xid, e.seq limit 1)), 0))::float8 as seconds;

-- AppendCheckpoint adds leaves, hashes of the tree and the checkpoint over them: all of it, or nothing.
-- name: AppendCheckpoint :exec
with leaves as (
    insert into audit.leaf (number, event_seq, hash)
    select unnest(@leaf_numbers::bigint[]), unnest(@leaf_events::bigint[]), unnest(@leaf_hashes::bytea[])
), nodes as (
    insert into audit.node (number, hash) select unnest(@node_numbers::bigint[]), unnest(@node_hashes::bytea[])
)
insert into audit.checkpoint (size, root, xid, event_seq, note) values (@size, @root, @xid, @event_seq, @note);

-- EventsOfLeaves are the events with some numbers, every column, in no order; what is gone is not among them.
-- name: EventsOfLeaves :many
select e.* from audit.event_row e where e.seq = any (@seqs::bigint[]);

-- EventByID is one event, every column; ids have no index, so it reads the whole table. No row: there is none.
-- name: EventByID :one
select e.* from audit.event_row e where e.id = @id;

-- LeafOfEvent is where an event stands under the newest checkpoint. No row: it is not under one yet.
-- name: LeafOfEvent :one
select l.number, c.size, c.note
from audit.leaf l, (select k.size, k.note from audit.checkpoint k order by k.size desc limit 1) c
where l.event_seq = @event_seq and l.number < c.size;

-- LeavesOfEvents are the leaves of events with some numbers, in no order.
-- name: LeavesOfEvents :many
select l.event_seq, l.hash from audit.leaf l where l.event_seq = any (@seqs::bigint[]);

-- Leaves are the leaves from a number on, in order, at most so many.
-- name: Leaves :many
select l.number, l.event_seq, l.hash from audit.leaf l where l.number >= @first order by l.number
    limit sqlc.arg('most');

-- Nodes are the stored hashes with some numbers, in no order.
-- name: Nodes :many
select n.number, n.hash from audit.node n where n.number = any (@numbers::bigint[]);

-- NodesBetween are the stored hashes from a number on and below another, in no order.
-- name: NodesBetween :many
select n.number, n.hash from audit.node n where n.number >= @first and n.number < @below;

-- LastCheckpoint is the newest checkpoint with the last event under it, and whether it is older than a minute. No row:
-- nothing is sealed yet.
-- name: LastCheckpoint :one
select c.size, c.xid, c.event_seq, (c.at < now() - interval '1 minute')::boolean as old from audit.checkpoint c
    order by c.size desc limit 1;

-- CheckpointsBetween are the signed heads of more than some events and at most others, in order.
-- name: CheckpointsBetween :many
select c.size, c.root, c.note, c.at from audit.checkpoint c where c.size > @above and c.size <= sqlc.arg('most')::bigint
    order by c.size;

-- EventsWithoutLeaf are the events that are not in the tree, in order, and whether they belong to an earlier epoch or
-- stand under the last checkpoint's position.
-- name: EventsWithoutLeaf :many
select e.seq, (e.seq <= sqlc.arg('before_epoch')::bigint
    or (e.xid, e.seq) <= (sqlc.arg('xid')::xid8, sqlc.arg('event_seq')::bigint))::boolean as under
from audit.event e left join audit.leaf l on l.event_seq = e.seq
where l.number is null order by e.xid, e.seq;

-- NumbersMissing tells how many numbers between the first and the last event of the tree none of them has, in how many
-- gaps, how wide the widest is and behind which number it stands. One row.
-- name: NumbersMissing :one
select count(*) as gaps, coalesce(sum(g.wide), 0)::bigint as missing, coalesce(max(g.wide), 0)::bigint as widest,
    coalesce((array_agg(g.behind order by g.wide desc, g.behind))[1], 0)::bigint as behind
from (select lag(l.event_seq) over (order by l.event_seq) as behind,
    l.event_seq - lag(l.event_seq) over (order by l.event_seq) - 1 as wide from audit.leaf l) g
where g.wide > 0;

-- Epochs are the epochs of the tree after the first, in order.
-- name: Epochs :many
select k.number, k.size, k.event_seq, k.at, k.note from audit.epoch k order by k.number;

-- AuditRestored tells whether events of the present epoch lie in this server's future, and the largest number of all
-- events. One row. As kindward_audit, while its tables are open to it.
-- name: AuditRestored :one
select (exists (select 1 from audit.event e where e.seq > sqlc.arg('before_epoch')::bigint
        and e.xid >= pg_snapshot_xmax(pg_current_snapshot())))::boolean as from_future,
    (select coalesce(max(e.seq), 0) from audit.event e)::bigint as last_seq;

-- EventsLeftOver are the events up to a number that are not in the tree, by their numbers, every column, at most so
-- many. As AuditRestored.
-- name: EventsLeftOver :many
select e.* from audit.event_row e left join audit.leaf l on l.event_seq = e.seq
where l.number is null and e.seq <= sqlc.arg('last_seq')::bigint order by e.seq limit sqlc.arg('most');

-- BeginEpoch adds an epoch and says so in the audit. As AuditRestored.
-- name: BeginEpoch :exec
with begun as (
    insert into audit.epoch (number, size, event_seq, note, at)
    values (@number, @size, @event_seq, @note, sqlc.arg('at')::timestamptz) returning number
)
insert into audit.event (purpose, resource, action, fields, outcome)
select 'administration', 'AuditEvent', 'restore', array['epoch:' || begun.number, 'from:' || @size::bigint,
    'known:' || sqlc.arg('known')::bigint], 'success' from begun;
