-- What an organization has said of itself and registers or whoever reviewed vouch for, such as the address of a location,
-- a practitioner's name, NPI and the last day of a license, is changed by asking: one of the staff, or the register,
-- decides. What was live stays so until then.

-- +goose Up
set local role kindward_owner;
create table onboarding.change (
    id         uuid primary key,
    tenant_id  uuid not null references directory.tenant,
    kind       text not null check (kind in ('location', 'practitioner')),
    subject_id uuid not null,
    name       text not null check (length(name) <= 200),
    was        jsonb not null,
    becomes    jsonb not null,
    license    text not null default '' check (length(license) <= 60),
    license_state text not null default '' check (license_state ~ '^([A-Z]{2})?$'),
    evidence   text not null default '' check (length(evidence) <= 600),
    status     text not null default 'waiting' check (status in ('accepted', 'refused', 'waiting', 'withdrawn')),
    reason     text not null default '' check (length(reason) <= 600),
    said       text not null default '' check (length(said) <= 300),
    next_at    timestamptz check (isfinite(next_at)),
    by         uuid not null,
    at         timestamptz not null check (isfinite(at)),
    decided_by uuid check (decided_by <> by),
    decided_at timestamptz check (isfinite(decided_at)),
    check (status in ('waiting', 'withdrawn') or decided_at is not null)
);
create index change_organization on onboarding.change (tenant_id);
create unique index change_waiting on onboarding.change (tenant_id, subject_id) where status = 'waiting';
create index change_next on onboarding.change (next_at) where status = 'waiting';
comment on table onboarding.change is 'What an organization asks to change that does not go live by itself: what was, what it becomes, and how it was decided.';
comment on column onboarding.change.said is 'What the register of licenses said of the number in license.';
comment on column onboarding.change.next_at is 'When that register is asked next; none: it was, or need not be.';
grant select, insert on onboarding.change to kindward_app;
grant update (status, reason, said, next_at, decided_by, decided_at) on onboarding.change to kindward_app;
reset role;
