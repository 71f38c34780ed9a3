-- BusyRanges are the living claims of some resources that touch a span: one row per resource, its starts and ends (unix seconds) in
-- order of start. Arrays, because a page of results has hundreds of claims.
-- name: BusyRanges :many
select tenant_id, resource_id,
    array_agg(extract(epoch from starts_at)::bigint order by starts_at)::bigint[] as starts,
    array_agg(extract(epoch from ends_at)::bigint order by starts_at)::bigint[] as ends
from market.busy
where resource_id = any (@resources::uuid[]) and starts_at < @until and starts_at > sqlc.arg('since')::timestamptz - interval '1 day' and ends_at > sqlc.arg('since')
  and (expires_at is null or expires_at > now())
group by tenant_id, resource_id;

-- Listings are the published offerings with their organization and availability, in order of id after a given one.
-- name: Listings :many
select l.*, t.slug, t.kind, t.name as organization, r.name as service,
    a.next_at, a.base_day, a.parts
from market.listing l
join directory.tenant t on t.id = l.tenant_id
join market.reason r on r.code = l.reason_code
left join market.availability a on a.listing_id = l.id
where l.live and l.id > @after
order by l.id limit @most;

-- ListingsOf are the published offerings of one organization, live or not.
-- name: ListingsOf :many
select l.*, t.slug, t.kind, t.name as organization, r.name as service,
    a.next_at, a.base_day, a.parts
from market.listing l
join directory.tenant t on t.id = l.tenant_id
join market.reason r on r.code = l.reason_code
left join market.availability a on a.listing_id = l.id
where l.tenant_id = @tenant_id
order by l.id;

-- Reasons are what people come for, in order of code.
-- name: Reasons :many
select code, kind, name, synonyms, minutes, price_low_cents, price_high_cents, prep from market.reason order by code;

-- Places are the towns of the region, in order of ZIP.
-- name: Places :many
select zip, town, state, lat, lon from market.zip_code order by zip;

-- Payers are the insurers, in order of name.
-- name: Payers :many
select id, name, kind from market.payer order by name;

-- AppointmentsOf are the ids and times of an account's appointments, latest first; the row policy allows only the subject's own.
-- name: AppointmentsOf :many
select appointment_id, tenant_id, starts_at from market.appointment_index where account_id = @account_id order by starts_at desc limit 200;

-- WhereIsAppointment tells the tenant of one of the account's appointments. No row: not theirs.
-- name: WhereIsAppointment :one
select tenant_id from market.appointment_index where appointment_id = @id and account_id = @account_id;

-- TenantsWithDeadHolds are the organizations in which a hold ran out and nobody has ended it yet.
-- name: TenantsWithDeadHolds :many
select distinct tenant_id from market.busy where expires_at <= now();
