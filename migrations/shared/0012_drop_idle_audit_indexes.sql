-- Every event of the audit paid for nine indexes. Two go: what they served is served by another, or asked once in a while by a person
-- who can wait. Each of the rest says whom it serves; TestLooksAtTheAuditUseItsIndexes holds the queries to them.

-- +goose Up
set local role kindward_audit;
-- The alerts read the last hour once a minute: event_time finds it, and what it reads too much is thrown away in milliseconds.
drop index audit.event_of_others;
-- Ids are random, so each event touched another page of this index. Only `kindward audit prove` asks by id: it reads the table.
alter table audit.event drop constraint event_id_key;
comment on constraint event_pkey on audit.event is 'Events of leaves, when the tree is verified or exported, and the leaf of an event.';
comment on index audit.event_order is 'The sealer: what is committed behind a position, once a second.';
comment on index audit.event_time is 'The console''s log by time, and the last hour for the alerts.';
comment on index audit.event_actor is 'The console''s log of what one person did.';
comment on index audit.event_patient is 'A person''s own access log, and their sign-ins as support sees them.';
comment on index audit.event_tenant is 'An organization''s access log.';
comment on index audit.event_staff_access is 'What was done in one impersonation or emergency, to review it; few events have one.';
reset role;
