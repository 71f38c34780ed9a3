-- Owners are told that their organization's contract has another text, and reminded before it is due. What was asked
-- for again is found without reading every log.

-- +goose Up
set local role kindward_owner;
alter table onboarding.notice drop constraint notice_kind_check,
    add constraint notice_kind_check check (kind in ('closed', 'closing', 'contract', 'contract-due', 'decided',
        'duplicate', 'last-reminder', 'left', 'received', 'reminder', 'turn', 'withdrawn'));
create index log_reworded on onboarding.log (tenant_id, version) where kind = 'reworded';
reset role;
