-- WriteReasons brings what people come for up to date. synonyms are joined by semicolons; only the owner may.
-- name: WriteReasons :exec
insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents, price_high_cents, prep)
select r.code, r.kind, r.name, string_to_array(r.synonyms, ';'), r.minutes, r.low, r.high, r.prep
from (select unnest(@codes::text[]) as code, unnest(@kinds::text[]) as kind, unnest(@names::text[]) as name, unnest(@synonyms::text[]) as synonyms,
    unnest(@minutes::int[]) as minutes, unnest(@lows::bigint[]) as low, unnest(@highs::bigint[]) as high, unnest(@preps::text[]) as prep) r
on conflict (code) do update set kind = excluded.kind, name = excluded.name, synonyms = excluded.synonyms, minutes = excluded.minutes,
    price_low_cents = excluded.price_low_cents, price_high_cents = excluded.price_high_cents, prep = excluded.prep;

-- WritePlaces brings the towns of the region up to date; only the owner may.
-- name: WritePlaces :exec
insert into market.zip_code (zip, town, state, lat, lon)
select unnest(@zips::text[]), unnest(@towns::text[]), unnest(@states::text[]), unnest(@lats::float8[]), unnest(@lons::float8[])
on conflict (zip) do update set town = excluded.town, state = excluded.state, lat = excluded.lat, lon = excluded.lon;

-- WritePayers brings the insurers up to date; only the owner may.
-- name: WritePayers :exec
insert into market.payer (id, name, kind)
select unnest(@ids::text[]), unnest(@names::text[]), unnest(@kinds::text[])
on conflict (id) do update set name = excluded.name, kind = excluded.kind;

-- AddPerson makes an account with its password, or finds the one with this e-mail and leaves it alone. Returns its id.
-- name: AddPerson :one
with made as (
    insert into directory.account (id, email, name, phone, born)
    values (@id, @email, @name, @phone, @born)
    on conflict (email) do nothing
    returning id
), secret as (
    insert into directory.password (account_id, hash) select made.id, @hash from made
)
select made.id from made
union all
select a.id from directory.account a where a.email = @email
limit 1;

-- PersonByEmail is the id of the account with this e-mail.
-- name: PersonByEmail :one
select id from directory.account where email = @email;
