-- A database that is put back from a backup goes on from there, and its audit with it: in a new epoch of the tree, which
-- says where it begins and what was known to be lost, signed like the checkpoints.

-- +goose Up
set local role kindward_audit;
create table audit.epoch (
    number    integer primary key check (number > 1),
    size      bigint not null,
    event_seq bigint not null,
    note      text not null,
    at        timestamptz not null default now()
);
comment on table audit.epoch is 'Epochs of the tree after the first. size leaves and the events up to number event_seq stand before it; later ones are sealed in the order of this server''s transactions.';
grant select on audit.epoch to kindward_relay;
reset role;
