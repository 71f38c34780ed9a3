-- What ends all sessions of an account and spends the links that wait in emails stood in seven statements, what takes its
-- factors away in two, and who needs two of the staff for that in two. Each stands here once. Of two requests to remove
-- somebody's factors that came at once both were kept; a constraint lets one wait at a time. And a request can be
-- withdrawn. Programs from before go on: they neither ask the functions nor withdraw anything.

-- +goose Up
set local role kindward_owner;

-- +goose StatementBegin
create function directory.factors_take_two(person uuid) returns boolean
language sql stable parallel safe
return exists (select 1 from directory.staff s where s.account_id = person and s.ended_at is null)
    or exists (select 1 from directory.membership m where m.account_id = person and m.role = 'owner' and m.ended_at is null);
-- +goose StatementEnd
comment on function directory.factors_take_two is 'Whether others depend on an account, so that two of the staff remove its second factors: an organization''s owner, or one of the staff.';

-- Its statements see what the calling statement has changed before the call; the account's row must not be changed by it
-- after the call.
-- +goose StatementBegin
create function directory.end_sessions_and_links(person uuid, of_epoch bigint, moment timestamptz) returns bigint
language sql volatile
begin atomic
    with ended as (
        update directory.account a set session_epoch = a.session_epoch + 1
        where a.id = person and (of_epoch is null or a.session_epoch = of_epoch)
        returning a.id, a.session_epoch
    ), changes as (
        update directory.email_change c set used_at = moment
        from ended where c.account_id = ended.id and c.used_at is null
    ), links as (
        update directory.password_reset r set used_at = moment
        from ended where r.account_id = ended.id and r.used_at is null
    )
    select ended.session_epoch from ended;
end;
-- +goose StatementEnd
comment on function directory.end_sessions_and_links is 'Ends all sessions of an account and spends the links that wait in emails, as every change of how it signs in does; gives the new epoch. With of_epoch only if that is still the account''s: null otherwise.';

-- +goose StatementBegin
create function directory.remove_factors(person uuid, moment timestamptz) returns boolean
language sql volatile
begin atomic
    with apps as (
        delete from directory.totp t where t.account_id = person returning 1
    ), passkeys as (
        delete from directory.passkey p where p.account_id = person returning 1
    ), codes as (
        delete from directory.recovery_code r where r.account_id = person returning 1
    ), removed as (
        select (select count(*) from apps) + (select count(*) from passkeys) + (select count(*) from codes) as n
    )
    select case when removed.n > 0 then directory.end_sessions_and_links(person, null, moment) is not null else false end
    from removed;
end;
-- +goose StatementEnd
comment on function directory.remove_factors is 'Takes passkeys, authenticator app and recovery codes of an account away, ends its sessions and spends its links. False: there were none, and nothing is done.';

revoke all on function directory.factors_take_two, directory.end_sessions_and_links, directory.remove_factors from public;
grant execute on function directory.factors_take_two, directory.end_sessions_and_links, directory.remove_factors
    to kindward_identity;

alter table directory.factor_removal add withdrawn_by uuid references directory.account, add withdrawn_at timestamptz,
    add constraint factor_removal_withdrawal check ((withdrawn_by is null) = (withdrawn_at is null)),
    add constraint factor_removal_one_end check (approved_at is null or withdrawn_at is null);
grant update (withdrawn_by, withdrawn_at) on directory.factor_removal to kindward_identity;

alter table directory.factor_removal no force row level security; -- the owner's own hands
update directory.factor_removal r set withdrawn_by = r.requested_by, withdrawn_at = now()
where r.approved_at is null and exists (select 1 from directory.factor_removal o where o.account_id = r.account_id
    and o.approved_at is null and o.requested_at < r.expires_at and r.requested_at < o.expires_at
    and (o.requested_at, o.id) < (r.requested_at, r.id));
alter table directory.factor_removal force row level security;
alter table directory.factor_removal add constraint factor_removal_one_waits exclude using gist
    (account_id with operator(pg_catalog.=), tstzrange(requested_at, expires_at) with operator(pg_catalog.&&))
    where (approved_at is null and withdrawn_at is null);
drop index directory.factor_removal_account; -- the constraint's finds what waits
-- The generator writes it anew, for withdrawals as well.
drop policy if exists change on directory.factor_removal;
reset role;
