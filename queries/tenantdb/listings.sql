-- PublishListing puts one offering on the market or brings its listing up to date. The gate refuses an id that is
-- another organization's (42501).
-- name: PublishListing :exec
insert into market.listing (id, tenant_id, location_id, location_name, street, city, state, zip, lat, lon, area_km,
    service_id, reason_code,
    practitioner_id, practitioner, specialty, gender, languages, interpreted, telehealth_states, accepts_new,
        payers_accepted, payers_refused,
    payers_confirmed, access, access_evidence, price_cents, currency, rating, ratings, response_minutes, resources,
        schedule, schedule_version, live, visit_mode, age_from, age_to, updated_at)
values (@id, @tenant_id, @location_id, @location_name, @street, @city, @state, @zip, @lat, @lon, @area_km, @service_id,
    @reason_code,
    sqlc.narg('practitioner_id'), @practitioner, @specialty, @gender, @languages, @interpreted, @telehealth_states,
        @accepts_new, @payers_accepted, @payers_refused,
    sqlc.narg('payers_confirmed'), @access, @access_evidence, sqlc.narg('price_cents'), @currency, @rating, @ratings,
        @response_minutes, @resources, @schedule, @schedule_version, @live, @visit_mode,
    sqlc.narg('age_from'), sqlc.narg('age_to'), now())
on conflict (id) do update set location_id = excluded.location_id, location_name = excluded.location_name,
    street = excluded.street, city = excluded.city,
    state = excluded.state, zip = excluded.zip, lat = excluded.lat, lon = excluded.lon, area_km = excluded.area_km,
        service_id = excluded.service_id,
    reason_code = excluded.reason_code, practitioner_id = excluded.practitioner_id,
        practitioner = excluded.practitioner, specialty = excluded.specialty,
    gender = excluded.gender, languages = excluded.languages, interpreted = excluded.interpreted,
        telehealth_states = excluded.telehealth_states,
    accepts_new = excluded.accepts_new, payers_accepted = excluded.payers_accepted,
        payers_refused = excluded.payers_refused,
    payers_confirmed = excluded.payers_confirmed, access = excluded.access, access_evidence = excluded.access_evidence,
        price_cents = excluded.price_cents, currency = excluded.currency,
    rating = excluded.rating, ratings = excluded.ratings, response_minutes = excluded.response_minutes,
        resources = excluded.resources,
    schedule = excluded.schedule, schedule_version = excluded.schedule_version, live = excluded.live,
    visit_mode = excluded.visit_mode, age_from = excluded.age_from, age_to = excluded.age_to, updated_at = now();

-- WritePublishedEvent appends the event that this organization's listings have changed.
-- name: WritePublishedEvent :exec
insert into outbox.event (kind, subject_id) values ('market.published', @tenant_id);

-- SaveAvailability keeps what the slot function found for some listings of this organization. It is derived: what a
-- crash takes of it the next start computes again. So it does not wait for the disk; nothing else commits with it.
-- name: SaveAvailability :exec
with quick as materialized (select set_config('synchronous_commit', 'off', true) as mode)
insert into market.availability (listing_id, tenant_id, next_at, base_day, parts, checked_at)
select f.listing_id, (select ctx.tenant()), nullif(f.next_at, '0001-01-01T00:00:00Z'), f.base_day, f.parts, now()
from (select unnest(@listings::uuid[]) as listing_id, unnest(@next_ats::timestamptz[]) as next_at,
    unnest(@base_days::date[]) as base_day, unnest(@parts::bytea[]) as parts) f, quick
on conflict (listing_id) do update set next_at = excluded.next_at, base_day = excluded.base_day, parts = excluded.parts,
    checked_at = excluded.checked_at;
