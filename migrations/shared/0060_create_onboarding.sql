-- An organization that wants to join is not there yet. Its application has the id that the organization will have, so
-- the wall stands round it as round an organization: a ticket opens one application, or none.

-- +goose Up
set local role kindward_owner;
create schema onboarding;
grant usage on schema onboarding to kindward_app;

create table onboarding.application (
    tenant_id    uuid primary key,
    kind         text not null check (kind in ('clinic', 'home_care', 'laboratory')),
    state        text not null check (state ~ '^[A-Z]{2}$'),
    definition   int not null check (definition > 0),
    name         text not null default '' check (length(name) <= 200),
    status       text not null default 'open'
        check (status in ('approved', 'open', 'rejected', 'submitted', 'withdrawn')),
    version      int not null default 0 check (version >= 0),
    created_at   timestamptz not null check (isfinite(created_at)),
    submitted_at timestamptz check (isfinite(submitted_at)),
    claimed_by   uuid
);
create index application_status on onboarding.application (status, submitted_at);
comment on table onboarding.application is 'Organizations that want to join. What is in its steps, answers and checks follows from its log; version counts the log''s rows, and a writer who did not read the last one writes nothing.';
comment on column onboarding.application.tenant_id is 'The id that the organization will have.';
comment on column onboarding.application.state is 'Of the United States, by its two letters.';
comment on column onboarding.application.definition is 'The version of the definitions by which it began and goes on.';
comment on column onboarding.application.claimed_by is 'Who of the platform''s staff looks at it.';

create table onboarding.participant (
    tenant_id  uuid not null references onboarding.application,
    account_id uuid not null references directory.account,
    name       text not null check (length(name) <= 200),
    since      timestamptz not null check (isfinite(since)),
    primary key (tenant_id, account_id)
);
create index participant_account on onboarding.participant (account_id);
comment on table onboarding.participant is 'Who fills an application in. The name is the account''s when it joined.';

create table onboarding.step (
    tenant_id uuid not null references onboarding.application,
    key       text not null check (length(key) <= 60),
    state     text not null check (state in ('done', 'failed', 'locked', 'open', 'waiting')),
    since     timestamptz not null check (isfinite(since)),
    due       timestamptz check (isfinite(due)),
    attempts  int not null default 0 check (attempts >= 0),
    next_at   timestamptz check (isfinite(next_at)),
    primary key (tenant_id, key)
);
create index step_next on onboarding.step (next_at) where next_at is not null;
comment on table onboarding.step is 'Where each step of an application is, as its log says.';
comment on column onboarding.step.next_at is 'When its check is asked for next; none: nothing is to be asked.';

create table onboarding.answer (
    tenant_id uuid not null references onboarding.application,
    version   int not null check (version > 0),
    field     text not null check (length(field) <= 60),
    value     text not null check (length(value) <= 4000),
    by        uuid,
    at        timestamptz not null check (isfinite(at)),
    primary key (tenant_id, version, field)
);
comment on table onboarding.answer is 'What was answered, every time: the last one of a field counts. Never changed.';
comment on column onboarding.answer.version is 'Of the application, which it made.';
comment on column onboarding.answer.by is 'Whose account; none: a register knew it.';

create table onboarding.check_result (
    tenant_id uuid not null references onboarding.application,
    version   int not null check (version > 0),
    step      text not null check (length(step) <= 60),
    kind      text not null check (length(kind) <= 60),
    subject   text not null check (length(subject) <= 200),
    result    text not null check (result in ('ERROR', 'FAIL', 'PASS')),
    facts     jsonb not null default '{}' check (jsonb_typeof(facts) = 'object'),
    reason    text not null default '' check (length(reason) <= 500),
    at        timestamptz not null check (isfinite(at)),
    primary key (tenant_id, version)
);
comment on table onboarding.check_result is 'What registers said, every time. Never changed.';

create table onboarding.log (
    tenant_id uuid not null references onboarding.application,
    version   int not null check (version > 0),
    kind      text not null check (length(kind) <= 60),
    step      text not null default '' check (length(step) <= 60),
    data      jsonb not null default '{}' check (jsonb_typeof(data) = 'object'),
    by        uuid,
    at        timestamptz not null check (isfinite(at)),
    primary key (tenant_id, version)
);
comment on table onboarding.log is 'All that happened to an application, in order. Played again from the first row it gives the application. Never changed.';
comment on column onboarding.log.by is 'Whose account; none: the platform itself.';

grant select, insert on onboarding.application, onboarding.participant, onboarding.step, onboarding.answer,
    onboarding.check_result, onboarding.log to kindward_app;
grant update (name, status, version, submitted_at, claimed_by) on onboarding.application to kindward_app;
grant update (state, since, due, attempts, next_at) on onboarding.step to kindward_app;
grant usage on schema onboarding to kindward_relay;
grant select (tenant_id, key, next_at) on onboarding.step to kindward_relay; -- of what is to be asked, says the policy
reset role;
