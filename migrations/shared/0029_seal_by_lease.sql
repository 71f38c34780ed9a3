-- Whoever seals has the turn by a row that only the relay's role can write or lock: an advisory lock could be taken, and
-- sealing stopped, by any role. And transactions of pages that are open for too long are ended, because they hold
-- sealing up and no setting bounds them that their own role could not lift.

-- +goose Up
set local role kindward_audit;
create table audit.sealing (
    one    boolean primary key default true check (one),
    holder uuid not null,
    until  timestamptz not null
);
comment on table audit.sealing is 'Which process seals, and until when it has the turn by the database''s clock.';
insert into audit.sealing (holder, until) values ('00000000-0000-0000-0000-000000000000', now());
grant select, update on audit.sealing to kindward_relay;
reset role;

set local role kindward_ctx;
-- +goose StatementBegin
create function ctx.end_overdue(seconds float8) returns table (pid integer, login text, state text, age float8)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    for pid, login, state, age in
        select a.pid, a.usename, a.state, extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change))
        from pg_stat_activity a
        where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_type = 'client backend'
            and pg_has_role(a.usesysid, 'usage')
            and (a.xact_start < clock_timestamp() - make_interval(secs => seconds)
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
comment on function ctx.end_overdue is 'Ends sessions of the roles that kindward_ctx may act as, which are those of pages, whose transaction is older than some seconds, or which keep an advisory lock outside of one.';
revoke all on function ctx.end_overdue(float8) from public;
grant execute on function ctx.end_overdue(float8) to kindward_relay;
reset role;
