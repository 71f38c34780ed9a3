-- Windows of the clock let twice a limit through where two of them meet. A count is kept in steps of its window, so that
-- no more than the limit fit into any stretch as long as the window, and who shares a limit gets it back step by step.
-- Programs from before go on: they count in the two columns that were, and leave the new one alone.

-- +goose Up
set local role kindward_owner;
alter table directory.throttle add counts integer[] not null default '{}';
comment on column directory.throttle.counts is 'Attempts in each step of the window, the newest first: that one began at window_start. Empty for a limit whose window begins anew with what is let through.';
comment on table directory.throttle is 'Counts of attempts per hashed key. hits is all that count now, and one more while attempts are refused.';
reset role;
