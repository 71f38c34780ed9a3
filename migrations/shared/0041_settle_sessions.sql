-- Every role may write settings for itself (alter role), and each new session of it begins with them: another encoding, in
-- which what people type is kept wrong, or an end after a millisecond. PostgreSQL has no right to it that could be revoked.
-- So each session of ours is settled when it begins, and whoever finds such settings clears them.

-- +goose Up
set local role kindward_ctx;

-- +goose StatementBegin
create function ctx.own_settings() returns table (name text, value text)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select s.name, s.value from (values
        ('kindward_app', 'search_path', 'tenant_template, pg_temp'),
        ('kindward_app', 'idle_in_transaction_session_timeout', '30s'),
        ('kindward_app', 'statement_timeout', '30s'),
        ('kindward_identity', 'search_path', 'pg_catalog, pg_temp'),
        ('kindward_identity', 'idle_in_transaction_session_timeout', '30s'),
        ('kindward_identity', 'statement_timeout', '30s'),
        ('kindward_relay', 'search_path', 'pg_catalog, pg_temp')) as s(login, name, value)
    where s.login = session_user
$$;
-- +goose StatementEnd
comment on function ctx.own_settings is 'The settings of the session''s role in this database as bootstrap.sql writes them; all others it has written for itself.';

-- +goose StatementBegin
create function ctx.foreign_settings() returns table (name text, value text, everywhere boolean)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select o.name, o.value, d.setdatabase = 0
    from pg_db_role_setting d cross join unnest(d.setconfig) as line
        cross join lateral (select split_part(line, '=', 1) as name, substr(line, strpos(line, '=') + 1) as value) o
        left join pg_settings s on s.name = o.name
    where d.setrole = (select oid from pg_roles where rolname = session_user)
        and d.setdatabase in (0, (select oid from pg_database where datname = current_database()))
        and (s.context = 'user' or s.name is null and strpos(o.name, '.') = 0)
        and not (d.setdatabase <> 0 and exists (select from ctx.own_settings() w
            where w.name = o.name and w.value = o.value))
$$;
-- +goose StatementEnd
comment on function ctx.foreign_settings is 'What the session''s role has written for itself, here or everywhere. What only an administrator may set is an administrator''s.';

-- Of a setting that stands in the session the server does not tell what it would be otherwise: the value that it was built
-- with holds then, until the next session. Those of single transactions begin anew with each.
-- +goose StatementBegin
create function ctx.settle() returns setof text
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
    setting record;
    done text;
begin
    for setting in
        select s.name, coalesce(o.value, case s.name when 'client_encoding' then 'UTF8'
            when 'timezone_abbreviations' then 'Default' else s.boot_val end, '') as value
        from pg_settings s left join ctx.own_settings() o on o.name = s.name
        where s.context = 'user'
            and s.name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')
            and case when o.name is null then s.source in ('user', 'database user')
                else s.source not in ('client', 'session') and current_setting(s.name) is distinct from o.value end
    loop
        done := set_config(setting.name, setting.value, false);
        return next setting.name;
    end loop;
    return query select distinct f.name from ctx.foreign_settings() f;
end
$$;
-- +goose StatementEnd
comment on function ctx.settle is 'Lets nothing hold in this session that its role has written for itself, and names what it had.';

-- +goose StatementBegin
create function ctx.clear_settings() returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
    place constant text := format('alter role %I in database %I ', session_user, current_database());
    setting record;
begin
    for setting in select f.name, f.everywhere from ctx.foreign_settings() f loop
        execute case when setting.everywhere then format('alter role %I ', session_user) else place end
            || format('reset %I', setting.name);
    end loop;
    for setting in select o.name, o.value from ctx.own_settings() o
        where not exists (select from pg_db_role_setting d cross join unnest(d.setconfig) as line
            where d.setrole = (select oid from pg_roles where rolname = session_user)
                and d.setdatabase = (select oid from pg_database where datname = current_database())
                and line = o.name || '=' || o.value)
    loop
        execute place || format('set %I = ', setting.name)
            || case setting.name when 'search_path' then setting.value else quote_literal(setting.value) end;
    end loop;
end
$$;
-- +goose StatementEnd
comment on function ctx.clear_settings is 'Takes back what the session''s role has written for itself. It needs no right that the role does not have.';

revoke all on function ctx.own_settings(), ctx.foreign_settings(), ctx.settle(), ctx.clear_settings() from public;
grant execute on function ctx.own_settings(), ctx.foreign_settings(), ctx.settle(), ctx.clear_settings()
    to kindward_app, kindward_identity, kindward_relay;
reset role;
