-- Whoever speaks for an organization already is told that somebody else has applied for it.

-- +goose Up
set local role kindward_owner;
alter table onboarding.notice drop constraint notice_kind_check,
    add constraint notice_kind_check check (kind in ('closed', 'closing', 'decided', 'duplicate', 'last-reminder', 'left',
        'received', 'reminder', 'turn', 'withdrawn'));
reset role;
