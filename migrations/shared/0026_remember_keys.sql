-- A lost secrets file must not be replaced in silence: what was sealed with its keys does not open with others, and the
-- audit would look forged. So the database remembers which keys are in use, by a fingerprint that tells nothing of them
-- (derived from 32 random bytes for this alone), and the program refuses to start without one.

-- +goose Up
set local role kindward_owner;

create table directory.known_key (
    id           text not null,
    purpose      text not null check (purpose in ('sign', 'seal')),
    fingerprint  bytea not null check (octet_length(fingerprint) = 16),
    made_at      timestamptz not null default now(),
    retired_at   timestamptz,
    abandoned_at timestamptz check (abandoned_at is null or retired_at is not null),
    primary key (purpose, id)
);
comment on table directory.known_key is 'Keys of the secrets file that were ever in use here; one without retired_at must be in the file of every process.';
comment on column directory.known_key.fingerprint is 'Derived from the key for this alone: compared, and tells nothing.';
comment on column directory.known_key.abandoned_at is 'When an operator went on without it, knowing what that costs.';
grant select on directory.known_key to kindward_app;
reset role;
