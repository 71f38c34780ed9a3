-- ZIPCodes are the towns of the region, in order of ZIP.
-- name: ZIPCodes :many
select zip, town, state, lat, lon from market.zip_code order by zip;

-- WriteZIPCodes brings the towns of the region up to date; only the owner may.
-- name: WriteZIPCodes :exec
insert into market.zip_code (zip, town, state, lat, lon)
select unnest(@zips::text[]), unnest(@towns::text[]), unnest(@states::text[]), unnest(@lats::float8[]),
    unnest(@lons::float8[])
on conflict (zip) do update set town = excluded.town, state = excluded.state, lat = excluded.lat, lon = excluded.lon;

-- ZIPCode is where one ZIP code of the region is. No row: it is none of the region.
-- name: ZIPCode :one
select z.town, z.state, z.lat, z.lon from market.zip_code z where z.zip = @zip;

-- NearZIPCode is where a ZIP code lies that the region may not list, as those of post office boxes and single buildings
-- are not: where it is listed; or else, of what begins with the same three digits or lies in the state, its town, or
-- the code nearest to it by number. No row: it is none of the region.
-- name: NearZIPCode :one
select z.zip, z.town, z.state, z.lat, z.lon from market.zip_code z
where left(z.zip, 3) = left(sqlc.arg('zip')::text, 3) or z.state = sqlc.arg('state')::text
order by z.zip = sqlc.arg('zip') desc, lower(z.town) = lower(sqlc.arg('town')::text) desc,
    left(z.zip, 3) = left(sqlc.arg('zip'), 3) desc, abs(z.zip::int - sqlc.arg('zip')::int), z.zip limit 1;
