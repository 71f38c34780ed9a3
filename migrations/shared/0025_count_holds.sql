-- How many times one browser or account holds at once was known to its session alone: requests at the same time each
-- saw fewer. Now the public shadow of a hold says under which keyed hash it counts, in every organization alike. The
-- hash tells nobody anything: who holds is random, and its key is the program's. It goes when the hold does, and with
-- the booking. Programs from before go on: their holds do not count.

-- +goose Up
set local role kindward_owner;
alter table market.busy add holder bytea;
create index busy_holder on market.busy (holder) where holder is not null;
comment on column market.busy.holder is 'Of a hold: the keyed hash of the account or browser under which it counts. Null: it does not count, or is a booking.';
reset role;
