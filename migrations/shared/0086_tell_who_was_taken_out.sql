-- Whoever was taken out of an application is told. A notice of that stands for all who were since it is due.

-- +goose Up
set local role kindward_owner;
alter table onboarding.notice drop constraint notice_kind_check,
    add constraint notice_kind_check check (kind in ('closed', 'closing', 'decided', 'last-reminder', 'left', 'received',
        'reminder', 'turn', 'withdrawn'));
reset role;
