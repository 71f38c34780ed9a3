-- Who is there: tenants, accounts, sessions. No clinical text.

-- +goose Up
set local role kindward_owner;

create table directory.tenant (
    id             uuid primary key,
    slug           text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    kind           text not null check (kind in ('clinic', 'laboratory', 'home_care')),
    name           text not null,
    about          text not null default '',
    phone          text not null default '',
    zone           text not null,
    schema_name    text not null unique check (schema_name ~ '^t_[0-9a-f]{16}$'),
    schema_version integer not null default 0,
    created_at     timestamptz not null default now()
);
comment on table directory.tenant is 'The registry: one row per organization, its schema and the version of it.';

create table directory.template (
    only_one boolean primary key default true check (only_one),
    version  integer not null
);
insert into directory.template (version) values (0);
comment on table directory.template is 'How far the template schema has come.';

create table directory.account (
    id          uuid primary key,
    email       text not null unique check (email = lower(email)),
    name        text not null,
    phone       text not null default '',
    born        date,
    created_at  timestamptz not null default now(),
    disabled_at timestamptz
);

create table directory.password (
    account_id uuid primary key references directory.account,
    hash       text not null,
    changed_at timestamptz not null default now()
);
comment on table directory.password is 'argon2id in PHC form.';

create table directory.session (
    token        text primary key,
    account_id   uuid references directory.account,
    data         bytea not null,
    user_agent   text not null default '',
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null,
    revoked_at   timestamptz
);
create index session_account on directory.session (account_id) where revoked_at is null;
comment on table directory.session is 'A revoked row stays as a tombstone until it expires: a request that was under way may not revive it. token is a hash.';

create table directory.password_reset (
    token_hash bytea primary key,
    account_id uuid not null references directory.account,
    expires_at timestamptz not null,
    used_at    timestamptz
);

create table directory.throttle (
    key          text primary key,
    window_start timestamptz not null,
    hits         integer not null
);
comment on table directory.throttle is 'Counts of failures per hashed key in a fixed window.';

grant select on directory.tenant, directory.template to kindward_app;
grant select, insert, update on directory.account, directory.password, directory.session, directory.password_reset, directory.throttle to kindward_app;
grant delete on directory.session, directory.password_reset, directory.throttle to kindward_app;
reset role;
