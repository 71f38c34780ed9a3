-- How long steps of applications took, without whose they were: applicants are told how long one usually takes.

-- +goose Up
set local role kindward_owner;
create table onboarding.step_time (
    id      bigint generated always as identity primary key,
    kind    text not null check (kind in ('clinic', 'home_care', 'laboratory')),
    step    text not null check (length(step) <= 60),
    seconds int not null check (seconds >= 0)
);
create index step_time_of_kind on onboarding.step_time (kind, step, id);
comment on table onboarding.step_time is 'How long a step was somebody''s turn until it was done, of every kind of organization.';
grant select, insert on onboarding.step_time to kindward_app;
reset role;
