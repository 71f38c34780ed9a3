-- Whoever joins sends documents: their content lies in the store, encrypted, and here is what is known of each. The
-- worker scans them and deletes what no row names.

-- +goose Up
set local role kindward_owner;
create table onboarding.document (
    id         uuid primary key,
    tenant_id  uuid not null references onboarding.application,
    step       text not null check (length(step) <= 60),
    kind       text not null check (length(kind) <= 60),
    name       text not null check (length(name) <= 200),
    type       text not null check (type in ('application/pdf', 'image/jpeg', 'image/png')),
    size       bigint not null check (size > 0),
    hash       text not null check (hash ~ '^[0-9a-f]{64}$'),
    state      text not null default 'received'
        check (state in ('accepted', 'infected', 'passed', 'received', 'rejected', 'unreadable', 'unscanned')),
    by         uuid,
    at         timestamptz not null check (isfinite(at)),
    attempts   int not null default 0 check (attempts >= 0),
    next_at    timestamptz check (isfinite(next_at)),
    removed_at timestamptz check (isfinite(removed_at))
);
create index document_application on onboarding.document (tenant_id);
create index document_next on onboarding.document (next_at) where next_at is not null;
comment on table onboarding.document is 'Files that applicants sent. The object documents/<application>/<id> of the store has the content, encrypted; it is written before the row, and deleted after removed_at.';
comment on column onboarding.document.next_at is 'When it is scanned next; none: it was, or need not be.';
comment on column onboarding.document.removed_at is 'Since when it does not count: replaced, or taken out.';
grant select, insert on onboarding.document to kindward_app;
grant update (state, attempts, next_at, removed_at) on onboarding.document to kindward_app;
grant select (id, tenant_id, attempts, next_at, removed_at) on onboarding.document to kindward_relay;
reset role;
