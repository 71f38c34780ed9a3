-- What everybody may see: listings and the times that are not free. Rows are written only by their tenant.

-- +goose Up
set local role kindward_owner;

create table market.place (
    zip  text primary key,
    town text not null,
    state text not null,
    lat  double precision not null,
    lon  double precision not null
);
create table market.reason (
    code             text primary key,
    kind             text not null check (kind in ('clinic', 'laboratory', 'home_care')),
    name             text not null,
    synonyms         text[] not null default '{}',
    minutes          integer not null,
    price_low_cents  bigint not null,
    price_high_cents bigint not null,
    prep             text not null default ''
);
create table market.payer (
    id   text primary key,
    name text not null,
    kind text not null
);

create table market.listing (
    id               uuid primary key,
    tenant_id        uuid not null references directory.tenant,
    location_id      uuid not null,
    location_name    text not null,
    street           text not null,
    city             text not null,
    state            text not null,
    zip              text not null,
    lat              double precision not null,
    lon              double precision not null,
    area_km          double precision not null default 0,
    service_id       uuid not null,
    reason_code      text not null references market.reason,
    practitioner_id  uuid,
    practitioner     text not null default '',
    specialty        text not null default '',
    gender           text not null default '' check (gender in ('', 'female', 'male', 'nonbinary')),
    languages        text[] not null default '{}',
    interpreted      text[] not null default '{}',
    telehealth_states text[] not null default '{}',
    accepts_new      boolean not null default true,
    payers_accepted  text[] not null default '{}',
    payers_refused   text[] not null default '{}',
    payers_confirmed date,
    access           text[] not null default '{}',
    price_cents      bigint,
    currency         text not null default 'USD',
    rating           real not null default 0,
    ratings          integer not null default 0,
    response_minutes integer not null default 0,
    resources        uuid[] not null,
    plan             jsonb not null,
    plan_version     bigint not null,
    live             boolean not null default true,
    updated_at       timestamptz not null default now()
);
create unique index listing_tenant on market.listing (tenant_id, id);
create index listing_reason on market.listing (reason_code, id);
comment on table market.listing is 'The published form of one offering: a service at a location by a practitioner or a team. plan is internal/booking.Plan; area_km > 0 only for home care.';
comment on column market.listing.payers_accepted is 'Payers in neither array are not stated.';

create table market.busy (
    id          uuid primary key,
    tenant_id   uuid not null references directory.tenant,
    resource_id uuid not null,
    starts_at   timestamptz not null,
    ends_at     timestamptz not null,
    expires_at  timestamptz
);
create index busy_tenant on market.busy (tenant_id, id);
create index busy_resource on market.busy (resource_id, starts_at) include (ends_at, expires_at, tenant_id);
create index busy_dead on market.busy (expires_at) where expires_at is not null;
comment on table market.busy is 'The public shadow of live claims: bare ranges, same id, written in the same statement. A row past expires_at counts for nothing.';

create table market.availability (
    listing_id uuid primary key,
    tenant_id  uuid not null references directory.tenant,
    next_at    timestamptz,
    base_day   date not null,
    parts      bytea not null,
    checked_at timestamptz not null,
    foreign key (tenant_id, listing_id) references market.listing (tenant_id, id) on delete cascade
);
create index availability_tenant on market.availability (tenant_id, listing_id);
comment on table market.availability is 'Derived: the next free time of a listing and, per day from base_day, bits for before noon (1), afternoon (2), after 5 pm (4).';

create table market.appointment_index (
    appointment_id uuid primary key,
    tenant_id      uuid not null references directory.tenant,
    account_id     uuid not null references directory.account,
    starts_at      timestamptz not null
);
create index appointment_index_tenant on market.appointment_index (tenant_id, appointment_id);
create index appointment_index_account on market.appointment_index (account_id, starts_at);
comment on table market.appointment_index is 'Where a person''s appointments are: ids and times only.';

grant select on market.place, market.reason, market.payer to kindward_app;
grant select, insert, update, delete on market.listing, market.busy, market.availability, market.appointment_index to kindward_app;
reset role;
