-- The second factors of an organization's owner or of one of the staff guard other people's records. One of the staff
-- alone could be talked into removing them, or do it themselves: a second one has to approve. Programs from before go on
-- removing them alone until they are replaced.

-- +goose Up
set local role kindward_owner;

create table directory.factor_removal (
    id           uuid primary key,
    account_id   uuid not null references directory.account,
    reason       text not null,
    requested_by uuid not null references directory.account,
    requested_at timestamptz not null,
    expires_at   timestamptz not null,
    approved_by  uuid references directory.account,
    approved_at  timestamptz,
    constraint factor_removal_two_people check (approved_by is distinct from requested_by),
    constraint factor_removal_approval check ((approved_by is null) = (approved_at is null))
);
create index factor_removal_account on directory.factor_removal (account_id, expires_at);
comment on table directory.factor_removal is 'Requests of staff to remove the second factors of an owner or of one of the staff. What one asks for, another approves before expires_at.';

grant select, insert on directory.factor_removal to kindward_app;
grant update (approved_by, approved_at) on directory.factor_removal to kindward_app;
reset role;
