-- A booking wrote four rows of an organization into shared tables, and each asked whether the organization exists, and
-- locked its row for the question: under load the locks of neighbors had to be merged. The gates of these tables have
-- answered before: a row is of the organization of the signed ticket, tickets are made for organizations that were
-- read from the directory, and no role of the program may delete one there. What else refers to an organization goes
-- on asking.
-- Two of them had two indexes that begin anew with the same id. Their rows are always asked for with their organization,
-- or by what else they are found by.

-- +goose Up
set local role kindward_owner;
alter table market.busy drop constraint busy_tenant_id_fkey;
alter table market.appointment_index drop constraint appointment_index_tenant_id_fkey;
alter table outbox.event drop constraint event_tenant_id_fkey;
alter table market.busy drop constraint busy_pkey, add constraint busy_pkey primary key (tenant_id, id);
alter table market.appointment_index drop constraint appointment_index_pkey,
    add constraint appointment_index_pkey primary key (tenant_id, appointment_id);
drop index market.busy_tenant, market.appointment_index_tenant;
reset role;
