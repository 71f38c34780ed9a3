-- The staff decide on applications, let pass what a register did not, and an approved one becomes an organization.

-- +goose Up
set local role kindward_owner;
alter table onboarding.application drop constraint application_status_check;
alter table onboarding.application add constraint application_status_check
    check (status in ('approved', 'live', 'open', 'rejected', 'submitted', 'withdrawn'));
alter table onboarding.step drop constraint step_state_check;
alter table onboarding.step add constraint step_state_check
    check (state in ('done', 'failed', 'locked', 'open', 'waived', 'waiting'));
create index answer_value on onboarding.answer (value, field);
comment on index onboarding.answer_value is 'Finds other applications with the same number.';
reset role;
