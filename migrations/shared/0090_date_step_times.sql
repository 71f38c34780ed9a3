-- How long steps took is looked at over the last months, and what whoever reviews decided over the same.

-- +goose Up
set local role kindward_owner;
alter table onboarding.step_time add column at timestamptz check (isfinite(at));
create index step_time_at on onboarding.step_time (at);
create index log_reviewed on onboarding.log (at) where kind in ('approved', 'claimed', 'rejected', 'returned');
comment on column onboarding.step_time.at is 'When it was done; none: before that was kept.';
reset role;
