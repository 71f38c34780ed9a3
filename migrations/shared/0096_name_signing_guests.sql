-- A guest signs a contract by a link and by a code that goes to the address which whoever made the link has named.

-- +goose Up
set local role kindward_owner;
alter table onboarding.guest_link add column email text not null default '' check (length(email) <= 254);
comment on column onboarding.guest_link.email is 'Whose link it is, if a code is asked for besides; the MAC is over it too.';
reset role;
