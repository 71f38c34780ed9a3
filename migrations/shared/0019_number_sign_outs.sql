-- A request that was under way while all sessions of an account ended could write one that lived on: a sign-in that had
-- checked the old password, or a session that changed its token. What ends them does not see such a row, and no lock
-- makes it. So an account counts how often its sessions were ended, and a session is good for the count that was read
-- with, or before, what it rests on. A session also keeps one row when its token changes: what ends one session names
-- the row, and finds it under whichever token it has by then. Whoever is signed in stays so. Programs from before go on,
-- but that they honor a session that a newer one has ended with all others, until they are replaced.

-- +goose Up
set local role kindward_owner;

alter table directory.account add session_epoch bigint not null default 0;
comment on column directory.account.session_epoch is 'How often all sessions of the account were ended.';

alter table directory.session
    add id    uuid not null default gen_random_uuid() unique,
    add epoch bigint not null default 0;
comment on column directory.session.id is 'Stays when the token changes.';
comment on column directory.session.epoch is 'The account''s session_epoch when what the session rests on was read. One of another epoch opens nothing.';
comment on table directory.session is 'token is a hash. A revoked row stays as a tombstone until it expires. A row of an older epoch than its account''s is over as well.';
reset role;
