-- Whoever works somewhere may be called otherwise one day, and does not put another's name under what they did by that:
-- logs name people as they were called then, and after a change with the name that they had first. Of people who work
-- nowhere nothing is kept.

-- +goose Up
set local role kindward_owner;
alter table directory.account
    add former_names jsonb not null default '[]' check (jsonb_typeof(former_names) = 'array');
comment on column directory.account.former_names is
    'Of whoever works or worked somewhere: [{"name", "until"}], the oldest first.';

-- name_at is how a log names an account at an instant, from its two columns. Instants carry their offset, so they are
-- read alike in every session.
-- +goose StatementBegin
create function directory.name_at(called text, former jsonb, at timestamptz) returns text
language sql immutable
return case when former = '[]' then called else (
    with names as (
        select n, f ->> 'name' as name, (f ->> 'until')::timestamptz > at as later
        from jsonb_array_elements(former) with ordinality as e(f, n)
    ), one as (
        select coalesce((select name from names where names.later order by n limit 1), called) as name,
            (select name from names where not names.later order by n limit 1) as first
    )
    select one.name || case when one.first <> one.name then ', formerly ' || one.first else '' end from one) end;
-- +goose StatementEnd
revoke all on function directory.name_at from public;
grant execute on function directory.name_at to kindward_identity;
reset role;
