-- One organization's own world. Unqualified on purpose: the loop sets search_path to each schema in turn.
-- Held to what a distributed engine can shard: no triggers, no enum types, keys only inside the schema.

create table location (
    id         uuid primary key,
    name       text not null,
    street     text not null,
    city       text not null,
    state      text not null,
    zip        text not null,
    lat        double precision not null,
    lon        double precision not null,
    area_km    double precision not null default 0,
    zone       text not null,
    phone      text not null default '',
    directions text not null default '',
    access     text[] not null default '{}',
    languages  text[] not null default '{}',
    interpreted text[] not null default '{}'
);
comment on table location is 'FHIR Location. For home care: the base from which area_km is served.';
comment on column location.access is 'Facts with their evidence, as code=evidence.';
comment on column location.languages is 'ISO 639-1. Spoken by the team there; interpreted: through an interpreter. A practitioner''s own languages are on the practitioner.';

create table practitioner (
    id          uuid primary key,
    name        text not null,
    specialty   text not null,
    gender      text not null default '',
    languages   text[] not null default '{}',
    about       text not null default '',
    npi         text not null default '',
    valid_from  date,
    valid_until date
);
comment on column practitioner.valid_until is 'Credentials reach to the end of this day; later times are not offered.';

create table resource (
    id              uuid primary key,
    kind            text not null check (kind in ('practitioner', 'team', 'room', 'machine', 'vehicle')),
    name            text not null,
    practitioner_id uuid references practitioner
);
comment on table resource is 'What can be claimed for a range of time by one appointment at a time.';

create table service (
    id          uuid primary key,
    reason_code text not null,
    name        text not null,
    minutes     integer not null check (minutes between 5 and 720),
    prep        text not null default '',
    bring       text not null default '',
    price_cents bigint,
    currency    text not null default 'USD',
    telehealth  boolean not null default false
);

create table schedule (
    id              uuid primary key,
    location_id     uuid not null references location,
    practitioner_id uuid references practitioner,
    name            text not null default ''
);
create table schedule_rule (
    id          uuid primary key,
    schedule_id uuid not null references schedule,
    weekday     smallint not null check (weekday between 0 and 6),
    kind        text not null check (kind in ('open', 'break')),
    from_minute smallint not null check (from_minute between 0 and 1439),
    to_minute   smallint not null check (to_minute <= 1440),
    check (from_minute < to_minute)
);
create index schedule_rule_schedule on schedule_rule (schedule_id);
create table schedule_override (
    id          uuid primary key,
    schedule_id uuid not null references schedule,
    day         date not null,
    from_minute smallint check (from_minute between 0 and 1439),
    to_minute   smallint check (to_minute <= 1440),
    why         text not null default '',
    check (from_minute is null and to_minute is null or from_minute < to_minute)
);
create index schedule_override_schedule on schedule_override (schedule_id, day);
comment on table schedule_override is 'Replaces the weekly hours of one day. A row without hours closes the day.';
comment on column schedule_rule.weekday is '0 is Sunday. Minutes are wall time of the location since midnight.';

create table booking_rule (
    scope                 text not null check (scope in ('organisation', 'service', 'practitioner')),
    scope_id              uuid not null,
    before_minutes        integer,
    after_minutes         integer,
    step_minutes          integer,
    lead_minutes          integer,
    horizon_days          integer,
    cancel_cutoff_minutes integer,
    move_cutoff_minutes   integer,
    primary key (scope, scope_id)
);
comment on table booking_rule is 'Null inherits: practitioner over service over organization over the platform''s default.';

create table offering (
    id               uuid primary key,
    service_id       uuid not null references service,
    location_id      uuid not null references location,
    schedule_id      uuid not null references schedule,
    practitioner_id  uuid references practitioner,
    resources        uuid[] not null check (cardinality(resources) > 0),
    accepts_new      boolean not null default true,
    payers_accepted  text[] not null default '{}',
    payers_refused   text[] not null default '{}',
    payers_confirmed date,
    rating           real not null default 0,
    ratings          integer not null default 0,
    response_minutes integer not null default 0,
    plan_version     bigint not null default 1,
    live             boolean not null default true
);
comment on table offering is 'FHIR HealthcareService at a Location by a practitioner or any one of a team''s resources. plan_version moves with every change of its rules.';

create table patient (
    id         uuid primary key,
    account_id uuid unique,
    name       text not null,
    born       date,
    phone      text not null default '',
    email      text not null default '',
    created_at timestamptz not null default now()
);
-- No statistics of what tells who somebody is: the planner's estimates can be read by SQL that may not read the rows.
alter table patient alter name set statistics 0, alter born set statistics 0, alter phone set statistics 0, alter email set statistics 0;
comment on table patient is 'The chart link: this organization''s own record of a person.';

create table appointment (
    id                    uuid primary key,
    ref                   text not null unique,
    offering_id           uuid not null references offering,
    status                text not null check (status in ('held', 'lapsed', 'booked', 'cancelled', 'arrived', 'fulfilled', 'noshow')),
    holder                uuid not null,
    held_until            timestamptz,
    extended              boolean not null default false,
    account_id            uuid,
    patient_id            uuid references patient,
    resource_id           uuid not null references resource,
    starts_at             timestamptz not null,
    ends_at               timestamptz not null,
    sequence              integer not null default 0,
    is_new                boolean,
    note                  text not null default '',
    payer_id              text not null default '',
    price_cents           bigint,
    currency              text not null default 'USD',
    cancel_cutoff_minutes integer not null default 0,
    move_cutoff_minutes   integer not null default 0,
    booked_at             timestamptz,
    cancelled_by          text check (cancelled_by in ('patient', 'provider', 'system')),
    cancelled_why         text,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    check (status <> 'held' or held_until is not null),
    check (status <> 'booked' or patient_id is not null),
    check (status <> 'cancelled' or cancelled_by is not null and cancelled_why is not null),
    check (starts_at < ends_at)
);
create unique index appointment_one_hold on appointment (holder) where status = 'held';
create index appointment_patient on appointment (patient_id, starts_at);
create index appointment_account on appointment (account_id, starts_at);
create index appointment_starts on appointment (starts_at);
alter table appointment alter note set statistics 0;
comment on table appointment is 'FHIR Appointment, from hold to visit: a hold becomes the booking, a move keeps the row. lapsed is a hold that ran out or was let go. sequence is the calendar entry''s.';

create table claim (
    id             uuid primary key,
    appointment_id uuid not null references appointment,
    resource_id    uuid not null references resource,
    starts_at      timestamptz not null,
    ends_at        timestamptz not null,
    state          text not null check (state in ('held', 'booked', 'released')),
    expires_at     timestamptz,
    constraint claim_one_at_a_time exclude using gist (resource_id with operator(pg_catalog.=), tstzrange(starts_at, ends_at) with operator(pg_catalog.&&)) where (state in ('held', 'booked')),
    check (starts_at < ends_at),
    check ((state = 'held') = (expires_at is not null))
);
create index claim_appointment on claim (appointment_id);
create index claim_resource on claim (resource_id, starts_at) include (ends_at) where state in ('held', 'booked');
comment on table claim is 'The truth about time, buffers included: two live claims of one resource cannot overlap, holds included.';

create table consent (
    id         uuid primary key,
    patient_id uuid not null references patient,
    purpose    text not null,
    version    text not null,
    text_hash  bytea not null,
    state      text not null check (state in ('granted', 'withdrawn', 'expired')),
    at         timestamptz not null default now()
);
create index consent_patient on consent (patient_id, purpose, at);
comment on table consent is 'A ledger: the current state is the last event per purpose.';

create table request_key (
    key       text primary key,
    body_hash bytea not null,
    subject   uuid not null,
    status    smallint not null,
    location  text not null,
    at        timestamptz not null default now()
);
comment on table request_key is 'Answers kept for 7 days: the same key and body gets the same answer, another body is refused.';

create table message (
    id             uuid primary key,
    appointment_id uuid not null references appointment,
    kind           text not null check (kind in ('booked', 'moved', 'cancelled')),
    channel        text not null check (channel in ('mail')),
    sequence       integer not null,
    leased_until   timestamptz not null,
    sent_at        timestamptz,
    unique (appointment_id, kind, sequence, channel)
);
comment on table message is 'What was said to a patient, once per state of the appointment. Whoever sends takes the row first; without sent_at it may be tried again after leased_until.';
