-- A session that came by an organization's provider counted there after the provider was removed or replaced by another.
-- A provider has an id, which such a session names. Programs from before go on: they do not ask for it.

-- +goose Up
set local role kindward_owner;
alter table directory.sso add id uuid not null default gen_random_uuid();
comment on column directory.sso.id is 'Of this provider. It becomes another with another issuer or client, and when one is set after one was removed.';
reset role;
