-- How many visits to come one account has at all organizations together is bounded, so the index of them says which
-- were canceled. Of those that were canceled before, or that a program from before cancels, each counts until its time
-- has come.

-- +goose Up
set local role kindward_owner;
alter table market.appointment_index add column cancelled boolean not null default false;
comment on column market.appointment_index.cancelled is 'Its account finds it still; it counts no more among the visits to come.';
reset role;
