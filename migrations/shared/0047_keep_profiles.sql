-- What a person tells of themself once, so that forms need not ask again: where they live, how they pay, which language
-- they speak. It is the account's; an organization gets it with a booking and their consent.

-- +goose Up
set local role kindward_owner;
alter table directory.account
    add street   text not null default '' check (length(street) <= 200),
    add city     text not null default '' check (length(city) <= 100),
    add state    text not null default '' check (state = '' or state ~ '^[A-Z]{2}$'),
    add zip      text not null default '' check (zip = '' or zip ~ '^[0-9]{5}(-[0-9]{4})?$'),
    add payer_id text not null default '' check (length(payer_id) <= 60),
    add language text not null default '' check (length(language) <= 8);
comment on column directory.account.payer_id is 'An id of market.payer, of which one means that they pay themself; empty: not said.';
comment on column directory.account.language is 'ISO 639; empty: not said.';
reset role;
