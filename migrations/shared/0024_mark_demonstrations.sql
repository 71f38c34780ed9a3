-- What invents people and shows their passwords may work on a database that was made for that, and on no other. The
-- mark is written here, when kindward dev or seed makes an empty database (which they say with a setting of their
-- connection), or never: where it was not, a rule of the table refuses it for good.

-- +goose Up
set local role kindward_owner;

create table directory.demonstration (
    only_one boolean primary key default true check (only_one),
    made_at  timestamptz not null default now()
);
comment on table directory.demonstration is 'Has a row if the database was made as a demonstration: its people are invented and its passwords shown.';
insert into directory.demonstration (made_at)
select now() where current_setting('kindward.demonstration', true) = 'on'
    and not exists (select from directory.account) and not exists (select from directory.tenant);
-- +goose StatementBegin
do $$
begin
    if not exists (select from directory.demonstration) then
        alter table directory.demonstration add constraint never check (false);
        comment on table directory.demonstration is 'This database was not made as a demonstration, and is none for good.';
    end if;
end
$$;
-- +goose StatementEnd
grant select on directory.demonstration to kindward_app;
reset role;
