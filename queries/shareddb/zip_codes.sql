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
