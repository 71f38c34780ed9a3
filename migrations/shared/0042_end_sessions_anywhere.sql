-- A role of pages could open a transaction in another database of the server, where end_overdue did not look: its snapshot
-- holds sealing and events up as one here does. Sessions of these roles are ended wherever they are.

-- +goose Up
set local role kindward_ctx;
-- +goose StatementBegin
create or replace function ctx.end_overdue(seconds float8) returns table (pid integer, login text, state text, age float8)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    patience constant interval := make_interval(secs => least(seconds, 5));
    blocking integer[];
begin
    for look in 1..2 loop
        select array_agg(distinct a.pid) into blocking
        from pg_locks w cross join unnest(pg_blocking_pids(w.pid)) as b(pid) join pg_stat_activity a on a.pid = b.pid
        where not w.granted and w.waitstart < clock_timestamp() - patience
            and a.xact_start < clock_timestamp() - patience and a.wait_event_type is distinct from 'Lock'
            and (look = 1 or a.pid = any (blocking));
        exit when blocking is null;
        if look = 1 then
            perform pg_sleep(0.5);
        end if;
        perform pg_stat_clear_snapshot();
    end loop;
    for pid, login, state, age in
        select a.pid, a.usename, a.state, extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change))
        from pg_stat_activity a
        where a.pid <> pg_backend_pid() and a.backend_type = 'client backend'
            and pg_has_role(a.usesysid, 'usage')
            and (a.xact_start < clock_timestamp() - make_interval(secs => seconds)
                or a.pid = any (blocking) and a.xact_start < clock_timestamp() - patience
                or a.state = 'idle' and a.state_change < clock_timestamp() - make_interval(secs => seconds)
                    and exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory'))
    loop
        if pg_terminate_backend(pid) then
            return next;
        end if;
    end loop;
end
$$;
-- +goose StatementEnd
comment on function ctx.end_overdue is 'Ends sessions of the roles that kindward_ctx may act as, which are those of pages, in whatever database of the server, whose transaction is older than some seconds, or keeps others waiting for five, or which keep an advisory lock outside of one.';
reset role;
