-- AddServices adds services.
-- name: AddServices :exec
insert into service (id, reason_code, name, minutes, prep, bring, price_cents, telehealth, visit_mode)
select r.id, r.reason_code, r.name, r.minutes, r.prep, r.bring, r.price_cents, r.telehealth,
    r.visit_mode
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, reason_code text, name text, minutes integer, prep text, bring text,
    price_cents bigint, telehealth boolean, visit_mode text);

-- Services are what an organization can offer, in order of name by code points, as Go compares.
-- name: Services :many
select id, reason_code, name, minutes, price_cents, currency, telehealth, visit_mode from service
order by name collate "C", id;

-- Service is one of them. No row: there is none of that id.
-- name: Service :one
select id, reason_code, name, minutes, price_cents, currency, visit_mode from service where id = @id;

-- UpdateService changes how long one is, what it costs, and where its visits are.
-- name: UpdateService :exec
update service set minutes = @minutes, price_cents = sqlc.narg('price_cents'), visit_mode = @visit_mode where id = @id;
