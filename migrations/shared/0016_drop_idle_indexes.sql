-- An index that no statement reads costs every write and tells readers of the schema something that is not so. These
-- served a search, a deletion or a look by organization that the program never makes: searches ask the index in memory,
-- accounts and organizations are not deleted, the relay reads events in their order, and availability is read and
-- written by its listing. A test holds every other index to a statement that reads it.

-- +goose Up
set local role kindward_owner;
drop index market.listing_reason, market.availability_tenant, outbox.event_tenant, directory.external_identity_account;
comment on index outbox.event_at is 'The pruning: finds what is old for next to nothing per insert, because events arrive in order of time.';
reset role;
