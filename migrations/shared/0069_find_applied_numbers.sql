-- Whoever begins an application for a number with which somebody else has begun one is told so, and not whose it is.

-- +goose Up
set local role kindward_owner;
create table onboarding.applied_number (
    tenant_id uuid not null references onboarding.application,
    kind      text not null check (kind in ('ccn', 'clia', 'npi')),
    number    text not null check (length(number) <= 60),
    primary key (tenant_id, kind)
);
create index applied_number_number on onboarding.applied_number (kind, number);
comment on table onboarding.applied_number is 'Numbers of organizations whose applications are not over. The role for what lets people in finds that there is one; a page does not.';
grant select, insert, delete on onboarding.applied_number to kindward_app;
grant update (number) on onboarding.applied_number to kindward_app;
grant select on onboarding.applied_number to kindward_identity;
reset role;
