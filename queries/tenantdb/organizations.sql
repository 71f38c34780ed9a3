-- LocationsToVisit are an organization's locations as its public page shows them, in order of name.
-- name: LocationsToVisit :many
select id, name, street, city, state, zip, lat, lon, area_km, zone, phone, directions, access from location order by name, id;

-- OpeningHours are the hours in which anybody works at a location, per weekday (0 is Sunday).
-- name: OpeningHours :many
select s.location_id, r.weekday, min(r.from_minute)::smallint as from_minute, max(r.to_minute)::smallint as to_minute
from schedule_rule r join schedule s on s.id = r.schedule_id
where r.kind = 'open'
group by s.location_id, r.weekday
order by s.location_id, r.weekday;

-- Practitioners are the people of an organization as its public page shows them, in order of name.
-- name: Practitioners :many
select id, name, specialty, gender, languages, about from practitioner order by name, id;

-- KnownHere tells whether this account has had, or will have, a visit here: what makes an existing patient.
-- name: KnownHere :one
select exists (
    select 1 from appointment a where a.account_id = @account_id::uuid and a.status in ('booked', 'arrived', 'fulfilled')
)::boolean as known;
