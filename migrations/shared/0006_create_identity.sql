-- Second factors, memberships, staff, single sign-on, keys for programs, acting for somebody. No clinical text.

-- +goose Up
set local role kindward_owner;

alter table directory.account add email_changed_at timestamptz;

create table directory.passkey (
    id            uuid primary key,
    account_id    uuid not null references directory.account,
    credential_id bytea not null unique,
    credential    jsonb not null,
    name          text not null,
    created_at    timestamptz not null,
    last_used_at  timestamptz
);
create index passkey_account on directory.passkey (account_id);
comment on table directory.passkey is 'WebAuthn credentials: public keys only.';

create table directory.totp (
    account_id   uuid primary key references directory.account,
    secret       bytea not null,
    confirmed_at timestamptz,
    last_step    bigint not null default 0
);
comment on table directory.totp is 'RFC 6238 secrets, encrypted. last_step is the newest time step that was used: none is good twice. Unconfirmed: being set up.';

create table directory.recovery_code (
    account_id uuid not null references directory.account,
    hash       bytea not null,
    used_at    timestamptz,
    primary key (account_id, hash)
);

create table directory.email_change (
    token_hash bytea primary key,
    account_id uuid not null references directory.account,
    email      text not null check (email = lower(email)),
    expires_at timestamptz not null,
    used_at    timestamptz
);
comment on table directory.email_change is 'The new address becomes the account''s when its own mailbox has answered.';

create table directory.device (
    account_id   uuid not null references directory.account,
    device       bytea not null,
    agent        text not null default '',
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (account_id, device)
);
comment on table directory.device is 'Browsers from which an account has signed in, by the hash of their cookie. A new one is told to the owner by letter.';

create table directory.membership (
    id              uuid primary key,
    tenant_id       uuid not null references directory.tenant,
    account_id      uuid not null references directory.account,
    role            text not null check (role in ('owner', 'manager', 'clinician', 'front_desk', 'billing')),
    practitioner_id uuid,
    created_at      timestamptz not null default now(),
    created_by      uuid,
    ended_at        timestamptz,
    ended_by        uuid
);
create unique index membership_one on directory.membership (tenant_id, account_id) where ended_at is null;
create index membership_tenant on directory.membership (tenant_id, id);
create index membership_account on directory.membership (account_id) where ended_at is null;
comment on table directory.membership is 'Who works where and as what. A change of role ends a row and begins another: the history stays.';

create table directory.invitation (
    id          uuid primary key,
    tenant_id   uuid not null references directory.tenant,
    email       text not null check (email = lower(email)),
    role        text not null check (role in ('owner', 'manager', 'clinician', 'front_desk', 'billing')),
    token_hash  bytea not null unique,
    invited_by  uuid not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid,
    revoked_at  timestamptz
);
create index invitation_tenant on directory.invitation (tenant_id, id);
comment on table directory.invitation is 'An offer to an address. It touches no account before the owner of one has signed in and accepted.';

create table directory.staff (
    id         uuid primary key,
    account_id uuid not null references directory.account,
    role       text not null check (role in ('support', 'reviewer', 'compliance', 'operator', 'administrator')),
    created_at timestamptz not null default now(),
    created_by uuid,
    ended_at   timestamptz,
    ended_by   uuid
);
create unique index staff_one on directory.staff (account_id, role) where ended_at is null;
comment on table directory.staff is 'Roles of the platform''s own people. reviewer: of onboarding.';

create table directory.sso (
    tenant_id     uuid primary key references directory.tenant,
    issuer        text not null,
    client_id     text not null,
    client_secret bytea not null,
    required      boolean not null default false,
    updated_at    timestamptz not null,
    updated_by    uuid not null
);
comment on table directory.sso is 'OpenID Connect of one organization. client_secret is encrypted. required: its people sign in no other way.';

create table directory.sso_domain (
    domain      text not null check (domain = lower(domain)),
    tenant_id   uuid not null references directory.tenant,
    proof       text not null,
    verified_at timestamptz,
    primary key (tenant_id, domain)
);
create unique index sso_domain_verified on directory.sso_domain (domain) where verified_at is not null;
comment on table directory.sso_domain is 'Addresses of this domain are sent to the organization''s sign-in, once proof was seen in the domain''s DNS.';

create table directory.external_identity (
    issuer     text not null,
    subject    text not null,
    tenant_id  uuid not null references directory.tenant,
    account_id uuid not null references directory.account,
    created_at timestamptz not null,
    primary key (issuer, subject, tenant_id)
);
create index external_identity_tenant on directory.external_identity (tenant_id, account_id);
comment on table directory.external_identity is 'Whom an organization''s provider means, by issuer and subject and never by address.';

create table directory.acting (
    id          uuid primary key,
    kind        text not null check (kind in ('impersonation', 'break_glass')),
    tenant_id   uuid references directory.tenant,
    actor       uuid not null references directory.account,
    person      uuid references directory.account,
    reason      text not null,
    may_change  boolean not null default false,
    started_at  timestamptz not null,
    expires_at  timestamptz not null,
    ended_at    timestamptz,
    reviewed_at timestamptz,
    reviewed_by uuid,
    verdict     text check (verdict in ('justified', 'not_justified')),
    review_note text not null default '',
    check ((kind = 'impersonation') = (person is not null)),
    check ((kind = 'break_glass') = (tenant_id is not null)),
    check (reviewed_by is distinct from actor)
);
create index acting_tenant on directory.acting (tenant_id, started_at);
create index acting_actor on directory.acting (actor, started_at);
create index acting_person on directory.acting (person, started_at);
create index acting_unreviewed on directory.acting (started_at) where reviewed_at is null;
comment on table directory.acting is 'Staff acting as a person (impersonation) or opening an organization''s charts without a relation (break-glass).';

create table directory.api_key (
    id           text primary key,
    tenant_id    uuid not null references directory.tenant,
    name         text not null,
    hash         bytea not null,
    scopes       text[] not null,
    created_by   uuid not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    revoked_by   uuid
);
create index api_key_tenant on directory.api_key (tenant_id, created_at);
comment on table directory.api_key is 'kw_live_<id>_<secret>_<check>: the hash of the secret only. At most two live keys of one name, for rotation.';

grant select, insert, update, delete on directory.passkey, directory.totp, directory.recovery_code, directory.email_change, directory.device, directory.sso,
    directory.sso_domain to kindward_app;
-- The rest is history: rows are added, and only what ends them is written later.
grant select, insert on directory.membership, directory.invitation, directory.staff, directory.external_identity, directory.acting, directory.api_key to kindward_app;
grant update (ended_at, ended_by) on directory.membership to kindward_app;
grant update (token_hash, expires_at, accepted_at, accepted_by, revoked_at) on directory.invitation to kindward_app;
grant update (ended_at, ended_by) on directory.staff to kindward_app;
grant update (ended_at, reviewed_at, reviewed_by, verdict, review_note) on directory.acting to kindward_app;
grant update (last_used_at, revoked_at, revoked_by) on directory.api_key to kindward_app;
reset role;
