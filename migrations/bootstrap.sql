-- What only an administrator of the server can do, once per database and safe to repeat: roles, extensions, schemas, and what PUBLIC loses.
do $$
declare
    wanted record;
begin
    for wanted in select * from (values
        ('kindward_owner', 'nologin'), ('kindward_ctx', 'nologin'), ('kindward_audit', 'nologin'),
        ('kindward_app', 'login noinherit'), ('kindward_identity', 'login noinherit'), ('kindward_relay', 'login noinherit')) as r(name, options)
    loop
        begin
            if not exists (select from pg_roles where rolname = wanted.name) then
                execute format('create role %I %s nosuperuser nocreatedb nocreaterole nobypassrls noreplication', wanted.name, wanted.options);
            end if;
        exception when duplicate_object or unique_violation then null; -- another database of this server was faster
        end;
    end loop;
end $$;
grant kindward_owner, kindward_ctx, kindward_audit to current_user;
grant kindward_app, kindward_identity to kindward_ctx; -- whose sessions ctx.end_overdue may end
do $$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to kindward_app, kindward_identity, kindward_relay', current_database());
    execute format('grant create, connect on database %I to kindward_owner', current_database());
end $$;
do $$
declare
    language_name text;
    taken         record;
begin
    foreach language_name in array array['plpgsql', 'sql'] loop
        execute format('revoke usage on language %I from public', language_name);
        execute format('grant usage on language %I to kindward_owner, kindward_ctx, kindward_audit', language_name);
    end loop;
    for taken in select p.oid::regprocedure as name from pg_proc p
        where p.pronamespace = 'pg_catalog'::regnamespace
          and (p.proname ~ '^(lo_|be_lo|lo(read|write|creat)|pg_(terminate|cancel)_backend|pg_(try_)?advisory_)'
            or p.proname in ('loread', 'lowrite'))
    loop
        execute format('revoke execute on function %s from public', taken.name);
    end loop;
    -- Pages may take locks that end with their transaction, in the space of one large key; migrations lock in the other
    -- one (two small keys), where nobody else can stand in their way.
    grant execute on function pg_advisory_xact_lock(bigint) to kindward_app, kindward_identity;
    grant execute on function pg_advisory_lock(integer, integer), pg_advisory_unlock(integer, integer)
        to kindward_owner;
    grant execute on function pg_terminate_backend(integer, bigint) to kindward_ctx; -- for ctx.end_overdue
exception when insufficient_privilege then
    raise notice 'not the owner of the server: languages, large objects and backend signals stay as the server has them';
end $$;
do $$
begin -- whoever knows the name of a kept plan could put another statement under it (internal/tenancy/plans.go)
    revoke all on pg_catalog.pg_prepared_statements, pg_catalog.pg_cursors from public;
    revoke execute on function pg_catalog.pg_prepared_statement(), pg_catalog.pg_cursor() from public;
exception when insufficient_privilege then
    raise notice 'not the owner of the server: prepared statements can be listed, so no plans are kept';
end $$;
revoke create on schema public from public;
create schema if not exists ext authorization kindward_owner;
create extension if not exists btree_gist with schema ext;
grant usage on schema ext to public;
create schema if not exists ctx authorization kindward_ctx;
create schema if not exists audit authorization kindward_audit;
create schema if not exists directory authorization kindward_owner;
create schema if not exists market authorization kindward_owner;
create schema if not exists outbox authorization kindward_owner;
create schema if not exists river authorization kindward_owner;
create schema if not exists tenant_template authorization kindward_owner;
grant usage on schema audit, directory, market, outbox, tenant_template to kindward_app;
grant usage on schema audit, directory, outbox to kindward_identity;
grant usage on schema outbox, river to kindward_relay;
do $$
declare own text;
begin
    -- a role may write settings for itself: what it left there goes
    foreach own in array array['kindward_app', 'kindward_identity', 'kindward_relay'] loop
        if exists (select from pg_db_role_setting where setdatabase = 0 and setrole = own::regrole) then
            execute format('alter role %I reset all', own);
        end if;
        execute format('alter role %I in database %I reset all', own, current_database());
    end loop;
    execute format('alter role kindward_app in database %I set search_path = tenant_template, pg_temp', current_database());
    execute format('alter role kindward_app in database %I set idle_in_transaction_session_timeout = ''30s''', current_database());
    execute format('alter role kindward_app in database %I set statement_timeout = ''30s''', current_database());
    execute format('alter role kindward_identity in database %I set search_path = pg_catalog, pg_temp', current_database());
    execute format('alter role kindward_identity in database %I set idle_in_transaction_session_timeout = ''30s''', current_database());
    execute format('alter role kindward_identity in database %I set statement_timeout = ''30s''', current_database());
    execute format('alter role kindward_relay in database %I set search_path = pg_catalog, pg_temp', current_database());
end $$;
