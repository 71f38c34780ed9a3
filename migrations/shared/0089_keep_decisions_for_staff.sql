-- What the staff decide and what a scanner finds stands in the log of an application, which takes neither from its
-- applicant. Beside it, where queues and lists read, the same holds: an applicant's ticket neither decides nor takes an
-- application over, and says of no document that it was scanned or accepted. A policy does not see what was before.

-- +goose Up
set local role kindward_owner;
-- +goose StatementBegin
create function onboarding.keep_application() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare decided text[] := '{approved,live,rejected}';
begin
    if row_security_active(tg_relid) and not coalesce(ctx.staff(), false) and (
        new.status is distinct from old.status and (new.status = any(decided) or old.status = any(decided))
        or new.claimed_by is distinct from old.claimed_by
            and not (new.claimed_by is null and new.status = 'withdrawn'))
    then
        perform ctx.refuse('42501');
    end if;
    return new;
end $$;

create function onboarding.keep_document() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if row_security_active(tg_relid) and not coalesce(ctx.staff(), false)
        and new.state is distinct from coalesce(old.state, 'received')
    then
        perform ctx.refuse('42501');
    end if;
    return new;
end $$;
-- +goose StatementEnd
revoke all on function onboarding.keep_application(), onboarding.keep_document() from public;

create trigger keep_application before insert or update of status, claimed_by on onboarding.application
    for each row execute function onboarding.keep_application();
create trigger keep_document before insert or update of state on onboarding.document
    for each row execute function onboarding.keep_document();
reset role;
