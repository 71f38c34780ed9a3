-- The tenant's wall begins here: the keys and the function that says, inside the database, whose rows these are.
-- Roles, extensions and the empty schemas exist already (migrations/bootstrap.sql), each owned by the role named below.

-- +goose Up
set local role kindward_ctx;

create table ctx.key (
    kid             text primary key,
    ipad            bytea not null,
    opad            bytea not null,
    bind_connection boolean not null default true,
    created_at      timestamptz not null default now()
);
comment on table ctx.key is 'HMAC-SHA-256 keys of tickets, stored as padded inner and outer blocks so that core sha256() suffices. Nobody but kindward_ctx reads it.';

-- +goose StatementBegin
create function ctx.verified(part integer) returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    raw   text := current_setting('app.ctx', true);
    piece text[];
    key   ctx.key;
begin
    if raw is null or raw = '' then
        return null;
    end if;
    piece := string_to_array(raw, '.');
    select * into key from ctx.key where kid = piece[1];
    if not found or cardinality(piece) <> 6 then
        raise exception using errcode = '42501', message = 'tenant context refused: unknown key or form';
    end if;
    if encode(sha256(key.opad || sha256(key.ipad || convert_to(left(raw, length(raw) - length(piece[6]) - 1), 'UTF8'))), 'hex') <> piece[6] then
        raise exception using errcode = '42501', message = 'tenant context refused: signature';
    end if;
    if piece[4]::bigint < extract(epoch from statement_timestamp()) then
        raise exception using errcode = '42501', message = 'tenant context refused: expired';
    end if;
    if key.bind_connection and piece[5] <> 'p' || pg_backend_pid() then
        raise exception using errcode = '42501', message = 'tenant context refused: other connection';
    end if;
    return nullif(piece[part], '-')::uuid;
end
$$;
-- +goose StatementEnd
comment on function ctx.verified is 'One part of the verified ticket, or null without a ticket. A ticket is kid.tenant.subject.expiry.pPID.mac; anything but a valid one raises 42501.';

-- +goose StatementBegin
create function ctx.tenant() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin return ctx.verified(2); end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create function ctx.subject() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin return ctx.verified(3); end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create function ctx.refuse(code text) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$ begin raise exception using errcode = code, message = 'refused'; end $$;
-- +goose StatementEnd
comment on function ctx.refuse is 'Fails the statement with the given SQLSTATE: how a statement that writes in several places takes it all back in one round trip.';

revoke all on all functions in schema ctx from public;
revoke all on all tables in schema ctx from public;
grant usage on schema ctx to kindward_app, kindward_relay, kindward_owner, kindward_audit;
grant execute on function ctx.tenant(), ctx.subject(), ctx.refuse(text) to kindward_app, kindward_relay, kindward_owner, kindward_audit;
reset role;
