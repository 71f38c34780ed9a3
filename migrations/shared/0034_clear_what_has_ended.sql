-- What has ended has no MAC. A session that ended with its epoch and a link that was spent kept theirs, so whoever set the
-- epoch back, or made the link unspent, had opened them again. Programs from before go on: they only leave the MACs of
-- what they end.

-- +goose Up
set local role kindward_owner;

-- +goose StatementBegin
create or replace function directory.end_sessions_and_links(person uuid, of_epoch bigint, moment timestamptz)
    returns bigint
language sql volatile
begin atomic
    with ended as (
        update directory.account a set session_epoch = a.session_epoch + 1
        where a.id = person and (of_epoch is null or a.session_epoch = of_epoch)
        returning a.id, a.session_epoch
    ), sessions as (
        update directory.session s set mac = ''
        from ended where s.account_id = ended.id and s.revoked_at is null
    ), changes as (
        update directory.email_change c set used_at = moment, mac = ''
        from ended where c.account_id = ended.id and c.used_at is null
    ), links as (
        update directory.password_reset r set used_at = moment, mac = ''
        from ended where r.account_id = ended.id and r.used_at is null
    )
    select ended.session_epoch from ended;
end;
-- +goose StatementEnd

update directory.session s set mac = ''
from directory.account a
where a.id = s.account_id and s.mac <> '' and (a.session_epoch <> s.epoch or a.disabled_at is not null);
update directory.email_change set mac = '' where used_at is not null and mac <> '';
update directory.password_reset set mac = '' where used_at is not null and mac <> '';
comment on column directory.account.disabled_at is 'Whoever sets it by SQL calls end_sessions_and_links(id, null, now()) as well: else the sessions and links from before are there again with the account.';
reset role;
