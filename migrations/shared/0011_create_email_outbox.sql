-- Emails about accounts wait here, put there by the transaction of what they tell, until the worker has sent them.

-- +goose Up
set local role kindward_owner;

create table outbox.email (
    id           uuid primary key,
    kind         text not null,
    sealed       bytea,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    attempts     integer not null default 0,
    leased_until timestamptz not null default '-infinity',
    failure      text not null default '',
    outcome      text check (outcome in ('sent', 'nobody', 'refused', 'expired', 'unreadable')),
    sent_at      timestamptz,
    receipt      text,
    check ((sealed is null) = (outcome is not null)),
    check ((outcome is not distinct from 'sent') = (sent_at is not null and receipt is not null))
);
create index email_open on outbox.email (expires_at) where sealed is not null;
create index email_created on outbox.email using brin (created_at);
comment on table outbox.email is 'Emails about accounts. Only kindward_relay reads it. sealed has the facts of which the email is made (address, name, codes, links), encrypted, and goes with the outcome.';
comment on column outbox.email.kind is 'internal/notify.Kind.';
comment on column outbox.email.failure is 'The class of the last failure; no address and nothing a server said.';
comment on column outbox.email.receipt is 'The Message-ID under which it left.';

grant insert (id, kind, sealed, expires_at) on outbox.email to kindward_app;
grant select, delete on outbox.email to kindward_relay; -- of what is old, says the policy
grant update (sealed, attempts, leased_until, failure, outcome, sent_at, receipt) on outbox.email to kindward_relay;
reset role;
