-- A time without an end fits into the column and into no program: whoever reads the row fails, and with it the day on
-- which it stands. Programs from before go on: they write nothing of the kind. What is there already is a visit, and
-- nobody can know when it was meant to be: the migration stops at this organization and names the table.

alter table appointment add constraint appointment_times
    check (isfinite(starts_at) and isfinite(ends_at) and (held_until is null or isfinite(held_until)));
alter table claim add constraint claim_times
    check (isfinite(starts_at) and isfinite(ends_at) and (expires_at is null or isfinite(expires_at)));
