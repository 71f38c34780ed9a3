-- A row that lets somebody in carries a MAC over all that it says, made with a key that is in the secrets file and
-- nowhere in the database: a row that SQL has written or changed, as whichever role, opens nothing. An empty one vouches for
-- nothing, so sessions and links in emails from before are over. API keys from before get theirs from kindward migrate,
-- once: after that the column takes no null. All processes are stopped for this one, as for 0030.

-- +goose Up
set local role kindward_owner;
alter table directory.session add mac bytea not null default '';
alter table directory.password_reset add mac bytea not null default '';
alter table directory.email_change add mac bytea not null default '';
alter table directory.api_key add mac bytea;
comment on column directory.session.mac is 'Over id, token, account, epoch, work, data, created_at and expires_at (internal/identity). Empty: it opens nothing, as when it has ended.';
comment on column directory.password_reset.mac is 'Over token_hash, account and expires_at.';
comment on column directory.email_change.mac is 'Over token_hash, account, email and expires_at.';
comment on column directory.api_key.mac is 'Over id, tenant, hash, scopes and expires_at. Empty: it opens nothing, as when it was revoked.';
grant update (mac) on directory.api_key to kindward_identity;
reset role;
