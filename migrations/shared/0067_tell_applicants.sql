-- What an applicant is told of their application, and what time asks for: a row in the transaction of its cause, until
-- the worker has done it.

-- +goose Up
set local role kindward_owner;
create table onboarding.notice (
    tenant_id uuid not null references onboarding.application,
    kind      text not null
        check (kind in ('closed', 'closing', 'decided', 'last-reminder', 'received', 'reminder', 'turn', 'withdrawn')),
    version   int not null check (version > 0),
    due       timestamptz not null check (isfinite(due)),
    primary key (tenant_id, kind)
);
create index notice_due on onboarding.notice (due);
comment on table onboarding.notice is 'What is to be told of an application and when, one of a kind: whoever takes the row away tells it.';
comment on column onboarding.notice.version is 'Of the application, which made it due.';
grant select, insert, delete on onboarding.notice to kindward_app;
grant update (version, due) on onboarding.notice to kindward_app;
grant select, delete on onboarding.notice to kindward_identity;
grant select on onboarding.notice to kindward_relay;
reset role;
