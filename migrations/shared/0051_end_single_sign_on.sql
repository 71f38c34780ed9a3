-- What an organization is told of its single sign-on: whether it works, and since when. And what came by it is known, so
-- that its provider, its owners and time can end it. Programs from before go on; whoever they let in by single sign-on
-- shows it once more to a newer one.

-- +goose Up
set local role kindward_owner;
alter table directory.sso
    add working_since   timestamptz,
    add broken_since    timestamptz,
    add fault           text not null default ''
        check (fault in ('', 'discovery', 'secret', 'code', 'refused', 'token', 'clock', 'person')),
    add last_sign_in_at timestamptz,
    add says_time       boolean,
    add vouches         boolean,
    add session_minutes integer not null default 720 check (session_minutes between 60 and 720),
    add constraint sso_state check (working_since is null or broken_since is null),
    add constraint sso_fault check ((fault = '') = (broken_since is null));
comment on column directory.sso.fault is 'Why it does not work, by what was seen last; neither since: nothing was tried with these settings.';
comment on column directory.sso.says_time is 'Whether the provider says when somebody was asked who they are (auth_time); null: not seen yet.';
comment on column directory.sso.vouches is 'Whether the provider vouches for addresses (email_verified); null: not seen yet.';
comment on column directory.sso.session_minutes is 'How long a sign-in by the provider opens the organization.';

create table directory.sso_session (
    id         uuid primary key,
    tenant_id  uuid not null references directory.tenant,
    provider   uuid not null,
    account_id uuid not null references directory.account,
    subject    text not null,
    sid        text not null,
    began_at   timestamptz not null,
    ended_at   timestamptz
);
create index sso_session_tenant on directory.sso_session (tenant_id, subject);
comment on table directory.sso_session is 'Sign-ins by an organization''s provider of the last day. A session that names one counts there as long as it lives.';
comment on column directory.sso_session.sid is 'What the provider calls its own session; empty: it does not say.';

create table directory.sso_logout (
    tenant_id uuid not null references directory.tenant,
    jti       text not null,
    seen_at   timestamptz not null,
    primary key (tenant_id, jti)
);
comment on table directory.sso_logout is 'Logout tokens of the last hour: each is good once.';

alter table directory.session add sso_session uuid;
comment on column directory.session.sso_session is 'The sign-in by an organization''s provider on which alone it rests, and with which it ends.';

grant select, insert, update, delete on directory.sso_session, directory.sso_logout to kindward_identity;
grant delete on directory.external_identity to kindward_identity;
reset role;
