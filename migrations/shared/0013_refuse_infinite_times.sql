-- A time without an end, or a list with a gap, fits into the column and into no program: whoever reads it fails, and
-- these tables are read for everybody at once. So one row of one organization would keep the whole market, or all
-- email, from being read. It is refused where it is written. Programs from before go on: they write nothing of the
-- kind. Each table is read through once, under its lock. What is there already is brought in order where it is a copy;
-- a person's appointment is not: there the migration stops and names the table. An email's leased_until begins with
-- -infinity, and is compared, never read.

-- +goose Up
set local role kindward_owner;

-- By the owner's own hands: behind the gate and without a ticket it would find nothing to mend.
alter table market.busy no force row level security;
delete from market.busy -- the claim is the truth, and goes on refusing whoever wants its time
where not (isfinite(starts_at) and isfinite(ends_at) and isfinite(coalesce(expires_at, '2000-01-01')));
alter table market.busy force row level security, add constraint busy_times
    check (isfinite(starts_at) and isfinite(ends_at) and (expires_at is null or isfinite(expires_at)));

alter table market.availability no force row level security;
delete from market.availability -- derived: made again when the listing is next looked at
where not (isfinite(coalesce(next_at, '2000-01-01')) and isfinite(base_day) and isfinite(checked_at));
alter table market.availability force row level security, add constraint availability_times
    check ((next_at is null or isfinite(next_at)) and isfinite(base_day) and isfinite(checked_at));

alter table market.listing no force row level security;
-- Whose evidence was whose is not known any more.
update market.listing set access = array_remove(access, null), access_evidence = '{}'
where array_position(access, null) is not null or array_position(access_evidence, null) is not null;
update market.listing set languages = array_remove(languages, null), interpreted = array_remove(interpreted, null),
    telehealth_states = array_remove(telehealth_states, null), payers_accepted = array_remove(payers_accepted, null),
    payers_refused = array_remove(payers_refused, null), resources = array_remove(resources, null)
where array_position(resources, null) is not null or array_position(
    languages || interpreted || telehealth_states || payers_accepted || payers_refused, null) is not null;
update market.listing set payers_confirmed = null where not isfinite(payers_confirmed);
update market.listing set updated_at = now() where not isfinite(updated_at);
alter table market.listing force row level security,
    add constraint listing_times check (
        isfinite(updated_at) and (payers_confirmed is null or isfinite(payers_confirmed))),
    add constraint listing_lists check (
        array_position(access, null) is null and array_position(access_evidence, null) is null
        and array_position(languages, null) is null and array_position(interpreted, null) is null
        and array_position(telehealth_states, null) is null and array_position(payers_accepted, null) is null
        and array_position(payers_refused, null) is null and array_position(resources, null) is null);

alter table market.appointment_index add constraint appointment_index_times check (isfinite(starts_at));

alter table outbox.email no force row level security;
-- Nobody could have sent it until now: it is over.
update outbox.email set expires_at = created_at where not isfinite(expires_at);
alter table outbox.email force row level security, add constraint email_times check (isfinite(expires_at));
reset role;
