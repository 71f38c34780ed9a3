-- Recovery codes stand for an app. They could be made before there was one, by whoever knew the password, and then
-- passed the second step that the owner turned on. Codes of accounts without an app go; where there are more than the
-- ten that an account gets at a time, nobody can tell whose are whose, and all go: the owner's page says that none is
-- left. Programs from before go on.

-- +goose Up
set local role kindward_owner;
alter table directory.recovery_code no force row level security; -- the owner's own hands
alter table directory.totp no force row level security;
delete from directory.recovery_code r
where not exists (select 1 from directory.totp t where t.account_id = r.account_id and t.confirmed_at is not null)
    or (select count(*) from directory.recovery_code o where o.account_id = r.account_id) > 10;
alter table directory.totp force row level security;
alter table directory.recovery_code force row level security;
reset role;
