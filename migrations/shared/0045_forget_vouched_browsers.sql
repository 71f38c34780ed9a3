-- A browser from which an organization's provider alone let somebody in counted as known to the account, with guesses of
-- its own at password and codes. Such rows cannot be told from others: those of people who work where such a provider
-- is go, and their browsers are new once.

-- +goose Up
set local role kindward_owner;
alter table directory.device no force row level security; -- the owner's own hands
alter table directory.membership no force row level security;
alter table directory.sso no force row level security;
delete from directory.device d using directory.membership m join directory.sso s on s.tenant_id = m.tenant_id
where m.account_id = d.account_id;
alter table directory.device force row level security;
alter table directory.membership force row level security;
alter table directory.sso force row level security;
reset role;
