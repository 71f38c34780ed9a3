-- Somebody who calls says their number: support finds the account by its last ten digits, however they are written.

-- +goose Up
set local role kindward_owner;
create index account_phone on directory.account (right(regexp_replace(phone, '[^0-9]', '', 'g'), 10));
comment on index directory.account_phone is 'Support, who looks for the account of a number.';
reset role;
