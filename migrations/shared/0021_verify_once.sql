-- Asking the context costs less. Each function verifies the ticket itself, with one and the same text, in place of
-- calling another that does; the defaults of events read what the ticket claims, and the policy that lets an event in
-- compares all of it with what is verified, once per statement.

-- +goose Up
set local role kindward_ctx;

-- +goose StatementBegin
do $do$
declare
    asked record;
begin
    for asked in select * from (values
        ('tenant', 'uuid', $$nullif(split_part(raw, '.', 2), '-')::uuid$$, 'Whose rows these are, or null.'),
        ('subject', 'uuid', $$nullif(split_part(raw, '.', 3), '-')::uuid$$, 'On whose behalf, or null.'),
        ('actor', 'uuid', $$coalesce(nullif(split_part(raw, '.', 4), '-'), nullif(split_part(raw, '.', 3), '-'))::uuid$$,
            'Who acts: the subject, unless somebody acts for them.'),
        ('behalf', 'uuid', $$case when split_part(raw, '.', 4) <> '-' then nullif(split_part(raw, '.', 3), '-')::uuid end$$,
            'For whom somebody else acts, or null.'),
        ('staff', 'boolean', $$split_part(raw, '.', 5) = 'staff'$$,
            'Whether the request was let in as staff of the platform; the policies of shared tables that staff may read ask it.'),
        ('who', 'uuid[]', $$array[nullif(split_part(raw, '.', 2), '-'), coalesce(nullif(split_part(raw, '.', 4), '-'), nullif(split_part(raw, '.', 3), '-')),
        case when split_part(raw, '.', 4) <> '-' then nullif(split_part(raw, '.', 3), '-') end]::uuid[]$$,
            'Tenant, actor and for whom, verified together: what an event must say.')
        ) as f (name, kind, answer, meaning)
    loop
        execute format($create$
create or replace function ctx.%1$I() returns %2$s
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $body$
declare
    raw   text := current_setting('app.ctx', true);
    inner_pad bytea;
    outer_pad bytea;
    bound boolean;
begin
    if coalesce(raw, '') = '' then
        return %4$s;
    end if;
    select k.ipad, k.opad, k.bind_connection into inner_pad, outer_pad, bound from ctx.key k where k.kid = split_part(raw, '.', 1);
    if not found then
        raise exception using errcode = '42501', message = 'tenant context refused: unknown key or form';
    end if;
    if '.' || encode(sha256(outer_pad || sha256(inner_pad || convert_to(left(raw, -65), 'UTF8'))), 'hex') <> right(raw, 65) then
        raise exception using errcode = '42501', message = 'tenant context refused: signature';
    end if;
    if to_timestamp(split_part(raw, '.', 6)::float8) < statement_timestamp() then
        raise exception using errcode = '42501', message = 'tenant context refused: expired';
    end if;
    if bound and split_part(raw, '.', 7) <> 'p' || pg_backend_pid() then
        raise exception using errcode = '42501', message = 'tenant context refused: other connection';
    end if;
    return %3$s;
end
$body$ $create$, asked.name, asked.kind, asked.answer,
            case asked.name when 'staff' then 'false' when 'who' then 'array[null, null, null]::uuid[]' else 'null' end);
        execute format('comment on function ctx.%I is %L', asked.name, asked.meaning
            || ' Of a ticket kid.tenant.subject.actor.role.expiry.pPID.mac; anything but a valid one raises 42501. Without one: null, and false.');
    end loop;
end
$do$;
-- +goose StatementEnd

drop function ctx.piece(integer);
revoke all on function ctx.who() from public;
grant execute on function ctx.who() to kindward_app, kindward_relay, kindward_owner, kindward_audit;
reset role;

-- What the ticket claims. An event that does not say what is verified is refused by the policy "add".
set local role kindward_owner;
alter table outbox.event
    alter tenant_id set default nullif(nullif(split_part(current_setting('app.ctx', true), '.', 2), '-'), '')::uuid;
reset role;

set local role kindward_audit;
alter table audit.event
    alter tenant_id set default nullif(nullif(split_part(current_setting('app.ctx', true), '.', 2), '-'), '')::uuid,
    alter actor set default coalesce(nullif(nullif(split_part(current_setting('app.ctx', true), '.', 4), '-'), ''),
        nullif(nullif(split_part(current_setting('app.ctx', true), '.', 3), '-'), ''))::uuid,
    alter on_behalf_of set default case when split_part(current_setting('app.ctx', true), '.', 4) not in ('-', '')
        then nullif(split_part(current_setting('app.ctx', true), '.', 3), '-')::uuid end;
-- The generator has the same text; where there is no policy yet, or the engine wants another form, it writes it.
-- +goose StatementBegin
do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        drop policy if exists add on audit.event;
    elsif exists (select from pg_policy where polrelid = 'audit.event'::regclass and polname = 'add') then
        alter policy add on audit.event with check (array[tenant_id, actor, on_behalf_of] = (select ctx.who()));
    end if;
end
$$;
-- +goose StatementEnd
reset role;
