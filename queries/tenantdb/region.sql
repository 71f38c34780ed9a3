-- HasLocations tells whether this organization has been filled.
-- name: HasLocations :one
select exists (select 1 from location)::boolean as filled;

-- AddLocations adds the locations of a JSON array of rows. The statements of this file are for seeds and imports: one round trip per table.
-- name: AddLocations :exec
insert into location (id, name, street, city, state, zip, lat, lon, area_km, zone, phone, directions, access, languages, interpreted)
select r.id, r.name, r.street, r.city, r.state, r.zip, r.lat, r.lon, r.area_km, r.zone, r.phone, r.directions, r.access, r.languages, r.interpreted
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, name text, street text, city text, state text, zip text, lat double precision, lon double precision,
    area_km double precision, zone text, phone text, directions text, access text[], languages text[], interpreted text[]);

-- AddPractitioners adds practitioners.
-- name: AddPractitioners :exec
insert into practitioner (id, name, specialty, gender, languages, about, npi, valid_from, valid_until)
select r.id, r.name, r.specialty, r.gender, r.languages, r.about, r.npi, r.valid_from, r.valid_until
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, name text, specialty text, gender text, languages text[], about text, npi text, valid_from date, valid_until date);

-- AddResources adds what can be claimed.
-- name: AddResources :exec
insert into resource (id, kind, name, practitioner_id)
select r.id, r.kind, r.name, r.practitioner_id
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, kind text, name text, practitioner_id uuid);

-- AddServices adds services.
-- name: AddServices :exec
insert into service (id, reason_code, name, minutes, prep, bring, price_cents, telehealth)
select r.id, r.reason_code, r.name, r.minutes, r.prep, r.bring, r.price_cents, r.telehealth
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, reason_code text, name text, minutes integer, prep text, bring text, price_cents bigint, telehealth boolean);

-- AddSchedules adds schedules without hours.
-- name: AddSchedules :exec
insert into schedule (id, location_id, practitioner_id, name)
select r.id, r.location_id, r.practitioner_id, r.name
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, location_id uuid, practitioner_id uuid, name text);

-- AddScheduleRules adds weekly hours and breaks.
-- name: AddScheduleRules :exec
insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute)
select r.id, r.schedule_id, r.weekday, r.kind, r.from_minute, r.to_minute
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, schedule_id uuid, weekday smallint, kind text, from_minute smallint, to_minute smallint);

-- AddScheduleOverrides adds days with hours of their own.
-- name: AddScheduleOverrides :exec
insert into schedule_override (id, schedule_id, day, from_minute, to_minute, why)
select r.id, r.schedule_id, r.day, r.from_minute, r.to_minute, r.why
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, schedule_id uuid, day date, from_minute smallint, to_minute smallint, why text);

-- AddBookingRules adds rule sets.
-- name: AddBookingRules :exec
insert into booking_rule (scope, scope_id, before_minutes, after_minutes, step_minutes, lead_minutes, horizon_days, cancel_cutoff_minutes, move_cutoff_minutes)
select r.scope, r.scope_id, r.before_minutes, r.after_minutes, r.step_minutes, r.lead_minutes, r.horizon_days, r.cancel_cutoff_minutes, r.move_cutoff_minutes
from jsonb_to_recordset(@rows::jsonb) as r(scope text, scope_id uuid, before_minutes integer, after_minutes integer, step_minutes integer, lead_minutes integer,
    horizon_days integer, cancel_cutoff_minutes integer, move_cutoff_minutes integer);

-- AddOfferings adds offerings.
-- name: AddOfferings :exec
insert into offering (id, service_id, location_id, schedule_id, practitioner_id, resources, accepts_new, payers_accepted, payers_refused, payers_confirmed,
    rating, ratings, response_minutes, live)
select r.id, r.service_id, r.location_id, r.schedule_id, r.practitioner_id, r.resources, r.accepts_new, r.payers_accepted, r.payers_refused, r.payers_confirmed,
    r.rating, r.ratings, r.response_minutes, r.live
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, service_id uuid, location_id uuid, schedule_id uuid, practitioner_id uuid, resources uuid[], accepts_new boolean,
    payers_accepted text[], payers_refused text[], payers_confirmed date, rating real, ratings integer, response_minutes integer, live boolean);

-- AddPatients adds charts. A born of year 1 is none.
-- name: AddPatients :exec
insert into patient (id, account_id, name, born, phone, email, created_at)
select unnest(@ids::uuid[]), nullif(unnest(@accounts::uuid[]), '00000000-0000-0000-0000-000000000000'), unnest(@names::text[]),
    nullif(unnest(@born::date[]), '0001-01-01'), unnest(@phones::text[]), unnest(@emails::text[]), unnest(@created_at::timestamptz[]);

-- AddAppointments adds appointments in any state but held. A zero account, a negative price and an empty cancellation are none.
-- name: AddAppointments :exec
insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at, is_new, payer_id, price_cents,
    cancel_cutoff_minutes, move_cutoff_minutes, booked_at, cancelled_by, cancelled_why, sequence, created_at, updated_at)
select r.id, r.ref, r.offering_id, r.status, r.patient_id, nullif(r.account_id, '00000000-0000-0000-0000-000000000000'), r.patient_id, r.resource_id, r.starts_at, r.ends_at,
    r.is_new, r.payer_id, nullif(r.price_cents, -1), r.cancel_cutoff_minutes, r.move_cutoff_minutes, r.booked_at, nullif(r.cancelled_by, ''), nullif(r.cancelled_why, ''),
    (r.status = 'cancelled')::int, r.booked_at, r.booked_at
from (select unnest(@ids::uuid[]) as id, unnest(@refs::text[]) as ref, unnest(@offerings::uuid[]) as offering_id, unnest(@statuses::text[]) as status,
    unnest(@accounts::uuid[]) as account_id, unnest(@patients::uuid[]) as patient_id, unnest(@resources::uuid[]) as resource_id,
    unnest(@starts::timestamptz[]) as starts_at, unnest(@ends::timestamptz[]) as ends_at, unnest(@new::boolean[]) as is_new, unnest(@payers::text[]) as payer_id,
    unnest(@prices::bigint[]) as price_cents, unnest(@cancel_cutoffs::int[]) as cancel_cutoff_minutes, unnest(@move_cutoffs::int[]) as move_cutoff_minutes,
    unnest(@booked_at::timestamptz[]) as booked_at, unnest(@cancelled_by::text[]) as cancelled_by, unnest(@cancelled_why::text[]) as cancelled_why) r;

-- AddClaims adds booked claims and their public shadows.
-- name: AddClaims :exec
with claimed as (
    insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state)
    select unnest(@ids::uuid[]), unnest(@appointments::uuid[]), unnest(@resources::uuid[]), unnest(@starts::timestamptz[]), unnest(@ends::timestamptz[]), 'booked'
    returning id, resource_id, starts_at, ends_at
)
insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at)
select claimed.id, (select ctx.tenant()), claimed.resource_id, claimed.starts_at, claimed.ends_at from claimed;

-- IndexAppointments lets their accounts find appointments of this organization.
-- name: IndexAppointments :exec
insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at)
select a.id, (select ctx.tenant()), a.account_id, a.starts_at from appointment a where a.account_id is not null
on conflict do nothing;

-- GrantSharing records that patients with an account agreed to share their details with this organization.
-- name: GrantSharing :exec
insert into consent (id, patient_id, purpose, version, text_hash, state, at)
select unnest(@ids::uuid[]), unnest(@patients::uuid[]), 'share', @version, @text_hash, 'granted', @at;

-- TellSeeded records in the audit that this organization was filled with synthetic data.
-- name: TellSeeded :exec
insert into audit.event (purpose, resource, resource_id, action, outcome) values ('demonstration', 'Organization', @tenant_id, 'seed', 'success');
