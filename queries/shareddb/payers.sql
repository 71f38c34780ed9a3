-- Payers are the insurers, in order of name.
-- name: Payers :many
select id, name, kind from market.payer order by name;

-- WritePayers brings the insurers up to date; only the owner may.
-- name: WritePayers :exec
insert into market.payer (id, name, kind)
select unnest(@ids::text[]), unnest(@names::text[]), unnest(@kinds::text[])
on conflict (id) do update set name = excluded.name, kind = excluded.kind;
