-- Reasons are what people come for, in order of code.
-- name: Reasons :many
select code, kind, name, synonyms, minutes, price_low_cents, price_high_cents, prep from market.reason order by code;

-- WriteReasons brings what people come for up to date. synonyms are joined by semicolons; only the owner may.
-- name: WriteReasons :exec
insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents, price_high_cents, prep)
select r.code, r.kind, r.name, string_to_array(r.synonyms, ';'), r.minutes, r.low, r.high, r.prep
from (select unnest(@codes::text[]) as code, unnest(@kinds::text[]) as kind, unnest(@names::text[]) as name,
    unnest(@synonyms::text[]) as synonyms,
    unnest(@minutes::int[]) as minutes, unnest(@lows::bigint[]) as low, unnest(@highs::bigint[]) as high,
        unnest(@preps::text[]) as prep) r
on conflict (code) do update set kind = excluded.kind, name = excluded.name, synonyms = excluded.synonyms,
    minutes = excluded.minutes,
    price_low_cents = excluded.price_low_cents, price_high_cents = excluded.price_high_cents, prep = excluded.prep;
