-- Of which ends of licenses an organization was told, so that each is told once 60, 30 and 7 days before.

-- +goose Up
set local role kindward_owner;
create table onboarding.expiry_notice (
    tenant_id  uuid not null references directory.tenant,
    subject_id uuid not null,
    until      date not null check (isfinite(until)),
    days       int not null check (days in (7, 30, 60)),
    at         timestamptz not null check (isfinite(at)),
    primary key (tenant_id, subject_id, until, days)
);
comment on table onboarding.expiry_notice is 'The emails about licenses that end: whose, on which day, and how many days before.';
grant select, insert on onboarding.expiry_notice to kindward_identity;
reset role;
