-- A session in which somebody works (at an organization, in the console) ends sooner than a patient's: it stands on screens
-- that others pass. It is one from the first page of work on, so those from before are none yet. Programs from before go
-- on: they end no session sooner, and keep what a newer one has noted.

-- +goose Up
set local role kindward_owner;

alter table directory.session add work boolean not null default false;
comment on column directory.session.work is 'Whether a page of work was opened in it.';
reset role;
