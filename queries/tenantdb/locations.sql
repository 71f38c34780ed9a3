-- HasLocations tells whether this organization has been filled.
-- name: HasLocations :one
select exists (select 1 from location)::boolean as filled;

-- Locations are an organization's locations as its public page shows them, in order of name.
-- name: Locations :many
select id, name, street, city, state, zip, lat, lon, area_km, zone, phone, directions,
    valid_until, insured_until,
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
    interpreted, valid_from, valid_until, insured_until)
select r.id, r.name, r.street, r.city, r.state, r.zip, r.lat, r.lon, r.area_km, r.zone, r.phone, r.directions,
    r.languages, r.interpreted, r.valid_from, r.valid_until, r.insured_until
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, name text, street text, city text, state text, zip text,
    lat double precision, lon double precision,
    area_km double precision, zone text, phone text, directions text, languages text[], interpreted text[],
    valid_from date, valid_until date, insured_until date);

-- AddLocation adds one; what is there under its id stays as it is.
-- name: AddLocation :exec
insert into location (id, name, street, city, state, zip, lat, lon, zone, phone, valid_from, valid_until,
    insured_until)
values (@id, @name, @street, @city, @state, @zip, @lat, @lon, @zone, @phone, sqlc.narg('valid_from'),
    sqlc.narg('valid_until'), sqlc.narg('insured_until')) on conflict (id) do nothing;

-- AddLocationAccess adds what helps to get in and about.
-- name: AddLocationAccess :exec
insert into location_access (location_id, code, evidence)
select r.location_id, r.code, r.evidence from jsonb_to_recordset(@rows::jsonb) as r(location_id uuid, code text,
    evidence text);

-- LockLocation lets nobody else add hours at a location until the transaction ends. No row: there is no such location.
-- name: LockLocation :one
select id from location where id = @id for no key update;

-- LocationValidity are the days within which a location may see patients. No row: there is no such location.
-- name: LocationValidity :one
select valid_from, valid_until, insured_until from location where id = @id;

-- Location is one of them with all that is said of it. No row: there is none of that id.
-- name: Location :one
select id, name, street, city, state, zip, lat, lon, phone, directions, valid_until, insured_until
from location where id = @id;

-- UpdateLocation changes what an organization says of a location by itself.
-- name: UpdateLocation :exec
update location set name = @name, phone = @phone, directions = @directions where id = @id;
