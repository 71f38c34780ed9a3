-- What happened: domain events for the consumers, audit events for the auditor. Both only grow.

-- +goose Up
set local role kindward_owner;

create table outbox.event (
    seq        bigint generated always as identity primary key,
    xid        xid8 not null default pg_current_xact_id(),
    tenant_id  uuid references directory.tenant default ctx.tenant(),
    kind       text not null,
    subject_id uuid not null,
    data       jsonb not null default '{}',
    at         timestamptz not null default now()
);
create index event_order on outbox.event (xid, seq);
create index event_tenant on outbox.event (tenant_id, seq);
comment on table outbox.event is 'Domain events, appended in the transaction of their cause: kind and ids, no health data. Read in order of (xid, seq) behind the oldest open transaction.';

create table outbox.cursor (
    consumer text primary key,
    xid      xid8 not null,
    seq      bigint not null,
    moved_at timestamptz not null default now()
);
grant insert (tenant_id, kind, subject_id, data) on outbox.event to kindward_app; -- time and order are the database's
grant select on outbox.event to kindward_app, kindward_relay;
grant select, insert, update on outbox.cursor to kindward_relay;
reset role;

set local role kindward_audit;
create table audit.event (
    seq            bigint generated always as identity primary key,
    xid            xid8 not null default pg_current_xact_id(),
    id             uuid not null unique default gen_random_uuid(),
    at             timestamptz not null default now(),
    tenant_id      uuid default ctx.tenant(),
    actor          uuid default ctx.subject(),
    on_behalf_of   uuid,
    patient        uuid,
    purpose        text not null,
    resource       text not null,
    resource_id    uuid,
    action         text not null,
    fields         text[] not null default '{}',
    outcome        text not null check (outcome in ('success', 'denied', 'failure')),
    policy_version text not null default '',
    ip             inet default nullif(current_setting('app.ip', true), '')::inet,
    request_id     text not null default coalesce(current_setting('app.request', true), ''),
    trace_id       text not null default '',
    before_hash    bytea,
    after_hash     bytea
);
create index event_tenant on audit.event (tenant_id, seq);
create index event_patient on audit.event (patient, seq);
comment on table audit.event is 'Tenant, actor, address and request come from the context by default. Who did what to which record and why (FHIR AuditEvent). patient is the account''s id as a pseudonym; no free text about a person.';
grant select, insert (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, fields, outcome, policy_version, ip, request_id, trace_id,
    before_hash, after_hash) on audit.event to kindward_app; -- number, id and time are the database's
reset role;
