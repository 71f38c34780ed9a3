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

-- TenantListings are the published offerings of one organization, live or not.
-- name: TenantListings :many
select l.*, t.slug, t.kind, t.name as organization, r.name as service,
    a.next_at, a.base_day, a.parts
from market.listing l
join directory.tenant t on t.id = l.tenant_id
join market.reason r on r.code = l.reason_code
left join market.availability a on a.listing_id = l.id
where l.tenant_id = @tenant_id
order by l.id;

-- HasListings tells whether the scope's organization has a listing that patients find.
-- name: HasListings :one
select exists (select 1 from market.listing l where l.tenant_id = (select ctx.tenant()) and l.live)::boolean as listed;
