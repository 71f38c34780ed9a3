-- Who verifies identities says by webhook that something happened. That is a hint: what happened is asked for.

-- +goose Up
set local role kindward_owner;
create table onboarding.hint (
    event text primary key check (length(event) between 1 and 200),
    at    timestamptz not null check (isfinite(at))
);
comment on table onboarding.hint is 'Webhooks that were heard, so that each is heard once. One that is older than a signature may be is refused anyway, so old rows go.';
grant insert on onboarding.hint to kindward_app;
grant select, delete on onboarding.hint to kindward_relay; -- of what is old, says the policy

alter table onboarding.check_result drop constraint check_result_result_check,
    add constraint check_result_result_check check (result in ('ERROR', 'FAIL', 'PASS', 'PENDING', 'REVIEW', 'STALE'));
reset role;
