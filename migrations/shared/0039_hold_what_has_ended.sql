-- That what has ended has no MAC was kept by each statement that ends something; the tables keep it now. Ending all
-- sessions of an account, with its epoch and their MACs, stood in two places and stands in one. Programs from before go
-- on: since 0034 they clear the MACs of what they end.

-- +goose Up
set local role kindward_owner;

-- It sees what the calling statement has changed before the call; the account's row must not be changed by that after
-- the call.
-- +goose StatementBegin
create function directory.end_sessions(person uuid, of_epoch bigint) returns bigint
language sql volatile
begin atomic
    with ended as (
        update directory.account a set session_epoch = a.session_epoch + 1
        where a.id = person and (of_epoch is null or a.session_epoch = of_epoch)
        returning a.id, a.session_epoch
    ), sessions as (
        update directory.session s set mac = ''
        from ended where s.account_id = ended.id and s.revoked_at is null
    )
    select ended.session_epoch from ended;
end;
-- +goose StatementEnd
comment on function directory.end_sessions is 'Ends all sessions of an account, those also that a request under way has yet to write; gives the new epoch. With of_epoch only if that is still the account''s: null otherwise.';
revoke all on function directory.end_sessions from public;
grant execute on function directory.end_sessions to kindward_identity;

-- +goose StatementBegin
create or replace function directory.end_sessions_and_links(person uuid, of_epoch bigint, moment timestamptz)
    returns bigint
language sql volatile
begin atomic
    with ended as materialized (
        select directory.end_sessions(person, of_epoch) as session_epoch
    ), changes as (
        update directory.email_change c set used_at = moment, mac = ''
        from ended where ended.session_epoch is not null and c.account_id = person and c.used_at is null
    ), links as (
        update directory.password_reset r set used_at = moment, mac = ''
        from ended where ended.session_epoch is not null and r.account_id = person and r.used_at is null
    )
    select ended.session_epoch from ended;
end;
-- +goose StatementEnd

-- What is left of before there were MACs: it opens nothing, and the log takes a living row without a MAC for a forgery.
update directory.session s set revoked_at = now() where s.mac = '' and s.revoked_at is null
    and not exists (select 1 from directory.account a where a.id = s.account_id and a.session_epoch <> s.epoch);
update directory.password_reset set used_at = now() where mac = '' and used_at is null;
update directory.email_change set used_at = now() where mac = '' and used_at is null;

update directory.session set mac = '' where revoked_at is not null and mac <> '';
alter table directory.api_key no force row level security; -- the owner's own hands
update directory.api_key set mac = '' where revoked_at is not null and mac <> '';
alter table directory.api_key force row level security;
alter table directory.session add constraint session_ended check (revoked_at is null or mac = '');
alter table directory.api_key add constraint api_key_ended check (revoked_at is null or mac = '');
alter table directory.password_reset add constraint password_reset_ended check (used_at is null or mac = '');
alter table directory.email_change add constraint email_change_ended check (used_at is null or mac = '');
reset role;
