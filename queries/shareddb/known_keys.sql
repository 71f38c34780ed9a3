-- KnownKeys are the keys of the secrets file that the database has seen in use, the newest first.
-- name: KnownKeys :many
select id, purpose, fingerprint, (retired_at is not null)::boolean as retired from directory.known_key
order by made_at desc, purpose, id;
