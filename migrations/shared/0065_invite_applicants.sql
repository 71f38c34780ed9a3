-- Whoever fills an application in lets colleagues in by email, and takes them out again: their row stays, with the name
-- that stands by what they answered.

-- +goose Up
set local role kindward_owner;
alter table onboarding.participant add column ended_at timestamptz check (isfinite(ended_at));
grant update (name, since, ended_at) on onboarding.participant to kindward_app;

create table onboarding.invitation (
    id          uuid primary key,
    tenant_id   uuid not null references onboarding.application,
    email       text not null check (email = lower(email) and length(email) <= 254),
    token_hash  bytea not null unique,
    invited_by  uuid not null,
    created_at  timestamptz not null check (isfinite(created_at)),
    expires_at  timestamptz not null check (isfinite(expires_at)),
    accepted_at timestamptz check (isfinite(accepted_at)),
    accepted_by uuid,
    revoked_at  timestamptz check (isfinite(revoked_at))
);
create index invitation_application on onboarding.invitation (tenant_id, email);
comment on table onboarding.invitation is 'An offer to an address to take part in an application. It lets nobody in before the owner of an account with that address has signed in and accepted.';

-- Invitations are made where their emails are queued, and accepted where the log says that somebody came.
grant usage on schema onboarding to kindward_identity;
grant select, insert on onboarding.invitation to kindward_identity;
grant update (revoked_at) on onboarding.invitation to kindward_identity;
grant select on onboarding.participant to kindward_identity;
grant select on onboarding.invitation to kindward_app;
grant update (accepted_at, accepted_by) on onboarding.invitation to kindward_app;
reset role;
