-- HasLocations tells whether this organization has been filled.
-- name: HasLocations :one
select exists (select 1 from location)::boolean as filled;

-- Locations are an organization's locations as its public page shows them, in order of name.
-- name: Locations :many
select id, name, street, city, state, zip, lat, lon, area_km, zone, phone, directions,
    array(select f.code from location_access f where f.location_id = location.id order by f.code)::text[] as access,
    array(select f.evidence from location_access f where f.location_id = location.id
        order by f.code)::text[] as access_evidence
from location order by name, id;

-- OpeningHours are the hours in which anybody works at a location, per weekday (0 is Sunday): stretches that neither
-- meet nor overlap, in the order of the day.
-- name: OpeningHours :many
select week.location_id, week.weekday, lower(stretch)::smallint as from_minute, upper(stretch)::smallint as to_minute
from (
    select s.location_id, r.weekday, range_agg(int4range(r.from_minute, r.to_minute)) as stretches
    from schedule_rule r join schedule s on s.id = r.schedule_id
    where r.kind = 'open'
    group by s.location_id, r.weekday
) week cross join lateral unnest(week.stretches) as stretch
order by week.location_id, week.weekday, from_minute;

-- AddLocations adds the locations of a JSON array of rows: one round trip, for seeds and imports, like every Add… of
-- many rows.
-- name: AddLocations :exec
insert into location (id, name, street, city, state, zip, lat, lon, area_km, zone, phone, directions, languages,
    interpreted)
select r.id, r.name, r.street, r.city, r.state, r.zip, r.lat, r.lon, r.area_km, r.zone, r.phone, r.directions,
    r.languages, r.interpreted
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, name text, street text, city text, state text, zip text,
    lat double precision, lon double precision,
    area_km double precision, zone text, phone text, directions text, languages text[], interpreted text[]);

-- AddLocation adds one; what is there under its id stays as it is.
-- name: AddLocation :exec
insert into location (id, name, street, city, state, zip, lat, lon, zone, phone)
values (@id, @name, @street, @city, @state, @zip, @lat, @lon, @zone, @phone) on conflict (id) do nothing;

-- AddLocationAccess adds what helps to get in and about.
-- name: AddLocationAccess :exec
insert into location_access (location_id, code, evidence)
select r.location_id, r.code, r.evidence from jsonb_to_recordset(@rows::jsonb) as r(location_id uuid, code text,
    evidence text);

-- LockLocation lets nobody else add hours at a location until the transaction ends. No row: there is no such location.
-- name: LockLocation :one
select id from location where id = @id for no key update;
