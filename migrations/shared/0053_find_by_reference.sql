-- Somebody who calls reads out the reference of their booking. To find it, each organization was asked. Now one index
-- says where it is: neither when nor whose, which the organization is asked then, and keeps that it was. Of a reference
-- that a program from before gives after its organization has migrated, nothing is found; of the person by name, all.

-- +goose Up
set local role kindward_owner;
create table market.appointment_reference (
    ref            text not null,
    tenant_id      uuid not null,
    appointment_id uuid not null,
    primary key (ref, tenant_id)
);
comment on table market.appointment_reference is
    'Where the platform''s staff find a booking by its reference: ids only. Two organizations may give one reference.';
grant select, insert on market.appointment_reference to kindward_app;

-- When somebody was last seen is asked of those whose sessions have ended too.
create index session_person on directory.session (account_id) where account_id is not null;
reset role;
