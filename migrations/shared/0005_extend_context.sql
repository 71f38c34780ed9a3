-- A ticket says more: who really acts when somebody acts for another, and whether they do it as staff of the platform.

-- +goose Up
set local role kindward_ctx;

-- +goose StatementBegin
create function ctx.piece(n integer) returns text
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
    if not found or cardinality(piece) <> 8 then
        raise exception using errcode = '42501', message = 'tenant context refused: unknown key or form';
    end if;
    if encode(sha256(key.opad || sha256(key.ipad || convert_to(left(raw, length(raw) - length(piece[8]) - 1), 'UTF8'))), 'hex') <> piece[8] then
        raise exception using errcode = '42501', message = 'tenant context refused: signature';
    end if;
    if piece[6]::bigint < extract(epoch from statement_timestamp()) then
        raise exception using errcode = '42501', message = 'tenant context refused: expired';
    end if;
    if key.bind_connection and piece[7] <> 'p' || pg_backend_pid() then
        raise exception using errcode = '42501', message = 'tenant context refused: other connection';
    end if;
    return nullif(piece[n], '-');
end
$$;
-- +goose StatementEnd
comment on function ctx.piece is 'One part of the verified ticket, or null without a ticket. A ticket is kid.tenant.subject.actor.role.expiry.pPID.mac; anything but a valid one raises 42501.';

-- +goose StatementBegin
create or replace function ctx.tenant() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin return ctx.piece(2)::uuid; end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function ctx.subject() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin return ctx.piece(3)::uuid; end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function ctx.actor() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin return coalesce(ctx.piece(4), ctx.piece(3))::uuid; end $$;
-- +goose StatementEnd
comment on function ctx.actor is 'Who acts: the subject, unless somebody acts for them.';
-- +goose StatementBegin
create function ctx.behalf() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin return case when ctx.piece(4) is not null then ctx.piece(3)::uuid end; end $$;
-- +goose StatementEnd
comment on function ctx.behalf is 'For whom somebody else acts, or null.';
-- +goose StatementBegin
create function ctx.staff() returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin return coalesce(ctx.piece(5) = 'staff', false); end $$;
-- +goose StatementEnd
comment on function ctx.staff is 'Whether the request was let in as staff of the platform; the policies of shared tables that staff may read ask it.';

drop function ctx.verified(integer);
revoke all on all functions in schema ctx from public;
grant execute on function ctx.actor(), ctx.behalf(), ctx.staff() to kindward_app, kindward_relay, kindward_owner, kindward_audit;
reset role;

set local role kindward_audit;
alter table audit.event
    alter actor set default ctx.actor(),
    alter on_behalf_of set default ctx.behalf(),
    add acting_id uuid default nullif(current_setting('app.acting', true), '')::uuid,
    add policy_id text not null default split_part(coalesce(current_setting('app.policy', true), ''), '@', 1),
    alter policy_version set default split_part(coalesce(current_setting('app.policy', true), ''), '@', 2);
create index event_acting on audit.event (acting_id, seq) where acting_id is not null;
create index event_actor on audit.event (actor, seq);
comment on column audit.event.acting_id is 'The impersonation or break-glass (directory.acting) under which it was done.';
comment on column audit.event.policy_id is 'Which policy let it happen or refused it, and which version of all policies it belonged to.';
-- The generator writes these two anew from its own text: who acts is part of what an event must say.
drop policy if exists add on audit.event;
drop policy if exists read on audit.event;
reset role;
