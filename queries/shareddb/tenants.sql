-- TenantBySlug finds an organization by the word in its address.
-- name: TenantBySlug :one
select id, slug, kind, name, about, phone, zone, schema_name, schema_version from directory.tenant where slug = @slug;

-- TenantByID finds an organization by its id.
-- name: TenantByID :one
select id, slug, kind, name, about, phone, zone, schema_name, schema_version from directory.tenant where id = @id;

-- Tenants lists all organizations in order of id.
-- name: Tenants :many
select id, slug, kind, name, about, phone, zone, schema_name, schema_version from directory.tenant order by id;
