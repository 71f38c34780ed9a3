-- An event of the audit says its purpose in one word of a list: whoever searches by the words would not find another,
-- and the pages have no sentence for it. New events are held to the list; what is sealed keeps the words of its day
-- ("program" was what "api" is now), so the constraint stays not validated. Programs from before go on: they write no
-- other word. internal/audit has the same list, held to this one by a test.

-- +goose Up
set local role kindward_audit;
alter table audit.event add constraint event_purpose check (purpose in ('own record', 'booking', 'care', 'emergency',
    'message', 'api', 'account', 'access', 'administration', 'support', 'staff', 'compliance', 'demonstration')) not valid;
comment on constraint event_purpose on audit.event is 'Of new events. Sealed ones of before may say "program".';
reset role;
