-- TenantBySlug finds an organization by the word in its address.
-- name: TenantBySlug :one
select id, slug, kind, name, about, phone, zone, schema_name, schema_version from directory.tenant where slug = @slug;

-- TenantByID finds an organization by its id.
-- name: TenantByID :one
select id, slug, kind, name, about, phone, zone, schema_name, schema_version from directory.tenant where id = @id;

-- Tenants lists all organizations in order of id.
-- name: Tenants :many
select id, slug, kind, name, about, phone, zone, schema_name, schema_version from directory.tenant order by id;

-- FindTenants are organizations by the words of their name in any order or the beginning of the word in their address,
-- by name, at most so many behind a name and an id: a page of the list.
-- name: FindTenants :many
with asked as materialized (
    select o.word from unnest(directory.asked_words(sqlc.arg('name')::text)) as o(word)
)
select t.id, t.slug, t.kind, t.name, t.phone, t.zone from directory.tenant t
where (sqlc.arg('name')::text = '' or starts_with(t.slug, lower(sqlc.arg('name')::text))
        or exists (select 1 from asked) and not exists (select 1 from asked o where not exists (
            select 1 from unnest(directory.name_words(t.name)) as w(word) where starts_with(w.word, o.word))))
    and (lower(t.name), t.id) > (lower(sqlc.arg('after_name')::text), sqlc.arg('after_id')::uuid)
order by lower(t.name), t.id limit sqlc.arg('most');
