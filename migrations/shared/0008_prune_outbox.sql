-- Old events go: those that every consumer has passed, after thirty days (the policy "prune" says so a second time).

-- +goose Up
set local role kindward_owner;
create index event_at on outbox.event using brin (at);
comment on index outbox.event_at is 'Finds what is old for next to nothing per insert: events arrive in order of time.';
grant delete on outbox.event to kindward_relay;
reset role;
