-- Where two requests to remove somebody's factors waited at once, 0033 withdrew the later one in the name of whoever had
-- asked for it, who never did: such a withdrawal names nobody. And an epoch of the audit begins behind so many leaves
-- and events, and says so. Programs from before go on: whoever withdraws a request in them is named.

-- +goose Up
select set_config('kindward.of_0033', coalesce((select extract(second from v.tstamp)::text from goose_db_version v
    where v.version_id = 33 and v.is_applied order by v.id desc limit 1), ''), true);
set local role kindward_owner;
alter table directory.factor_removal drop constraint factor_removal_withdrawal,
    add constraint factor_removal_withdrawal check (withdrawn_by is null or withdrawn_at is not null);
comment on column directory.factor_removal.withdrawn_by is 'Null where it was withdrawn and nobody did so: a migration, of two that waited at once.';
alter table directory.factor_removal no force row level security; -- the owner's own hands
-- They have the moment of that migration, as the table of migrations has it, in a time of the server's zone.
update directory.factor_removal set withdrawn_by = null
where withdrawn_by = requested_by
    and extract(second from withdrawn_at)::text = nullif(current_setting('kindward.of_0033'), '');
alter table directory.factor_removal force row level security;
reset role;

set local role kindward_audit;
alter table audit.epoch add constraint epoch_place check (size >= 0 and event_seq >= 0),
    add constraint epoch_says check (note <> '');
reset role;
