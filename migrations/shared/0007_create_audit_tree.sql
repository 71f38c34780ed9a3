-- The audit's proof: a Merkle tree (RFC 6962) over its events and signed checkpoints (C2SP), written by the sealer alone.

-- +goose Up
set local role kindward_audit;

create table audit.leaf (
    number    bigint primary key,
    event_seq bigint not null unique,
    hash      bytea not null
);
comment on table audit.leaf is 'Leaf number n of the tree is this event; hash is the RFC 6962 leaf hash of its canonical form.';

create table audit.node (
    number bigint primary key,
    hash   bytea not null
);
comment on table audit.node is 'Hashes of the tree in the order of golang.org/x/mod/sumdb/tlog.StoredHashIndex.';

create table audit.checkpoint (
    size      bigint primary key,
    root      bytea not null,
    xid       xid8 not null,
    event_seq bigint not null,
    note      text not null,
    at        timestamptz not null default now()
);
comment on table audit.checkpoint is 'Signed heads of the tree. (xid, event_seq) is the last event under it: sealing goes on behind.';

create table audit.alert (
    id          uuid primary key,
    kind        text not null,
    actor       uuid not null,
    tenant_id   uuid,
    at          timestamptz not null default now(),
    since       timestamptz not null,
    facts       jsonb not null,
    reviewed_at timestamptz,
    reviewed_by uuid,
    review_note text not null default '',
    check (reviewed_by is distinct from actor)
);
create unique index alert_once on audit.alert (kind, actor, since);
create index alert_open on audit.alert (at) where reviewed_at is null;
create index alert_tenant on audit.alert (tenant_id, at);
comment on table audit.alert is 'What the rules over the audit found: counts and ids. Somebody else reviews it.';

create index event_order on audit.event (xid, seq);
create index event_time on audit.event (at, seq);
create index event_of_others on audit.event (at, actor) where patient <> actor or patient is null and resource = 'Patient' and actor is not null;
comment on index audit.event_of_others is 'Looks at somebody else''s record, which the alerts count. A person without an account is their chart.';
grant usage on schema audit to kindward_relay;
grant select on audit.event, audit.leaf, audit.node, audit.checkpoint to kindward_relay;
grant insert on audit.leaf, audit.node, audit.checkpoint to kindward_relay;
grant select, insert on audit.alert to kindward_relay;
grant select on audit.leaf, audit.node, audit.checkpoint to kindward_app;
grant select, update (reviewed_at, reviewed_by, review_note) on audit.alert to kindward_app;
reset role;
