-- OfferingsToPublish are all offerings with what the market shows of them, in order of id.
-- name: OfferingsToPublish :many
select o.id, o.service_id, o.location_id, o.schedule_id, o.practitioner_id, o.resources, o.accepts_new, o.payers_accepted, o.payers_refused,
    o.payers_confirmed, o.rating, o.ratings, o.response_minutes, o.schedule_version, o.live,
    s.reason_code, s.minutes, s.price_cents, s.currency, s.telehealth,
    l.name as location, l.street, l.city, l.state, l.zip, l.lat, l.lon, l.area_km, l.zone, l.access,
    coalesce(p.name, '')::text as practitioner, coalesce(p.specialty, '')::text as specialty, coalesce(p.gender, '')::text as gender,
    coalesce(p.languages, l.languages)::text[] as languages, l.interpreted, p.valid_from, p.valid_until
from offering o
join service s on s.id = o.service_id
join location l on l.id = o.location_id
left join practitioner p on p.id = o.practitioner_id
order by o.id;

-- ScheduleRules are the weekly hours and breaks of all schedules, in order of schedule, weekday and time.
-- name: ScheduleRules :many
select schedule_id, weekday, kind, from_minute, to_minute from schedule_rule order by schedule_id, weekday, from_minute;

-- ScheduleOverrides are the exceptions from a day on, in order of schedule, day and time.
-- name: ScheduleOverrides :many
select schedule_id, day, from_minute, to_minute from schedule_override where day >= @since order by schedule_id, day, from_minute;

-- BookingRules are all rule sets of the organization, its services and its practitioners.
-- name: BookingRules :many
select scope, scope_id, before_minutes, after_minutes, step_minutes, lead_minutes, horizon_days, cancel_cutoff_minutes, move_cutoff_minutes from booking_rule;

-- PublishListing puts one offering on the market or brings its listing up to date.
-- name: PublishListing :exec
insert into market.listing (id, tenant_id, location_id, location_name, street, city, state, zip, lat, lon, area_km, service_id, reason_code,
    practitioner_id, practitioner, specialty, gender, languages, interpreted, telehealth_states, accepts_new, payers_accepted, payers_refused,
    payers_confirmed, access, price_cents, currency, rating, ratings, response_minutes, resources, schedule, schedule_version, live, updated_at)
values (@id, @tenant_id, @location_id, @location_name, @street, @city, @state, @zip, @lat, @lon, @area_km, @service_id, @reason_code,
    sqlc.narg('practitioner_id'), @practitioner, @specialty, @gender, @languages, @interpreted, @telehealth_states, @accepts_new, @payers_accepted, @payers_refused,
    sqlc.narg('payers_confirmed'), @access, sqlc.narg('price_cents'), @currency, @rating, @ratings, @response_minutes, @resources, @schedule, @schedule_version, @live, now())
on conflict (id) do update set location_id = excluded.location_id, location_name = excluded.location_name, street = excluded.street, city = excluded.city,
    state = excluded.state, zip = excluded.zip, lat = excluded.lat, lon = excluded.lon, area_km = excluded.area_km, service_id = excluded.service_id,
    reason_code = excluded.reason_code, practitioner_id = excluded.practitioner_id, practitioner = excluded.practitioner, specialty = excluded.specialty,
    gender = excluded.gender, languages = excluded.languages, interpreted = excluded.interpreted, telehealth_states = excluded.telehealth_states,
    accepts_new = excluded.accepts_new, payers_accepted = excluded.payers_accepted, payers_refused = excluded.payers_refused,
    payers_confirmed = excluded.payers_confirmed, access = excluded.access, price_cents = excluded.price_cents, currency = excluded.currency,
    rating = excluded.rating, ratings = excluded.ratings, response_minutes = excluded.response_minutes, resources = excluded.resources,
    schedule = excluded.schedule, schedule_version = excluded.schedule_version, live = excluded.live, updated_at = now()
where market.listing.tenant_id = excluded.tenant_id;

-- TellPublished appends the event that this organization's listings have changed.
-- name: TellPublished :exec
insert into outbox.event (kind, subject_id) values ('market.published', @tenant_id);

-- SaveAvailability keeps what the slot function found for some listings of this organization. It is derived, so it does not
-- wait for the disk.
-- name: SaveAvailability :exec
with quick as materialized (select set_config('synchronous_commit', 'off', true) as mode)
insert into market.availability (listing_id, tenant_id, next_at, base_day, parts, checked_at)
select f.listing_id, (select ctx.tenant()), nullif(f.next_at, '0001-01-01T00:00:00Z'), @base_day::date, f.parts, now()
from (select unnest(@listings::uuid[]) as listing_id, unnest(@next_ats::timestamptz[]) as next_at, unnest(@parts::bytea[]) as parts) f, quick
on conflict (listing_id) do update set next_at = excluded.next_at, base_day = excluded.base_day, parts = excluded.parts, checked_at = excluded.checked_at;
