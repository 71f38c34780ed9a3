-- Whoever joins signs a contract, and whoever approves countersigns it: the exact text is kept with both, for ever.

-- +goose Up
set local role kindward_owner;
create table onboarding.signature (
    tenant_id uuid not null references onboarding.application,
    version   int not null check (version > 0),
    side      text not null check (side in ('organization', 'platform')),
    contract  int not null check (contract > 0),
    hash      text not null check (hash ~ '^[0-9a-f]{64}$'),
    text      text not null check (length(text) <= 100000),
    name      text not null check (name ~ '\S' and length(name) <= 100),
    title     text not null check (length(title) <= 100),
    email     text not null default '' check (length(email) <= 254),
    proof     text not null check (proof ~ '^[a-z_]{1,20}$'),
    by        uuid,
    at        timestamptz not null check (isfinite(at)),
    primary key (tenant_id, version)
);
comment on table onboarding.signature is 'What was signed, every time: the last of each side counts, if its hash is that of the text that is asked for. Never changed.';
comment on column onboarding.signature.version is 'Of the application, which it made.';
comment on column onboarding.signature.contract is 'The version of the agreement''s text.';
comment on column onboarding.signature.hash is 'SHA-256 of the text, hexadecimal; the log has it too.';
comment on column onboarding.signature.email is 'To which a code was sent that was typed, of somebody without an account.';
comment on column onboarding.signature.proof is 'How whoever signed had shown who they are, within the ten minutes before.';
grant select, insert on onboarding.signature to kindward_app;
reset role;
