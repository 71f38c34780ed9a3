-- A file that somebody sends arrives part by part, so that a lost connection does not begin it anew. Here is how much of
-- it is there. One that is whole becomes a document; one that nobody goes on with is swept.

-- +goose Up
set local role kindward_owner;
create table onboarding.upload (
    id        uuid primary key,
    tenant_id uuid not null references onboarding.application,
    by        uuid not null,
    step      text not null check (length(step) <= 60),
    kind      text not null check (length(kind) <= 60),
    name      text not null check (length(name) <= 200),
    size      bigint not null check (size > 0),
    hash      text not null check (hash ~ '^[0-9a-f]{64}$'),
    received  bigint not null default 0 check (received between 0 and size),
    ends_at   timestamptz not null check (isfinite(ends_at)),
    unique (tenant_id, by, kind)
);
create index upload_ends_at on onboarding.upload (ends_at);
comment on table onboarding.upload is 'Files of applicants that are on their way. The objects uploads/<application>/<id>/<number> of the store have the parts, encrypted.';
comment on column onboarding.upload.by is 'Whose it is: an account, or a guest''s link.';
comment on column onboarding.upload.hash is 'The SHA-256 that the whole has to have.';
comment on column onboarding.upload.ends_at is 'Until when it may go on, and counts.';
grant select, insert, update, delete on onboarding.upload to kindward_app;
grant select (id, ends_at), delete on onboarding.upload to kindward_relay; -- of what has ended, says the policy
reset role;
