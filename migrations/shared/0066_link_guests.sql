-- Somebody without an account answers one step of an application: a lawyer, a nurse. The link lets in by itself, so it
-- is kept as a hash, and its row has a MAC of the secrets file over all that it opens.

-- +goose Up
set local role kindward_owner;
create table onboarding.guest_link (
    id          uuid primary key,
    tenant_id   uuid not null references onboarding.application,
    step        text not null check (length(step) <= 60),
    secret_hash bytea not null unique,
    made_by     uuid not null,
    created_at  timestamptz not null check (isfinite(created_at)),
    expires_at  timestamptz not null check (isfinite(expires_at)),
    ended_at    timestamptz check (isfinite(ended_at)),
    mac         bytea not null
);
create index guest_link_application on onboarding.guest_link (tenant_id, created_at);
comment on table onboarding.guest_link is 'Links that open one step of an application to whoever has them, until they run out or are ended.';
comment on column onboarding.guest_link.mac is 'Of the secrets file, over the application, the step, the hash and the end: a row without it opens nothing.';
grant select, insert on onboarding.guest_link to kindward_identity;
grant update (ended_at) on onboarding.guest_link to kindward_identity;
reset role;
