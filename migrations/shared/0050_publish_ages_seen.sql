-- Whom the practitioner of a listing sees, by age in whole years. Null: without a limit, and what a listing has until its
-- organization publishes it anew.

-- +goose Up
alter table market.listing
    add age_from smallint constraint listing_age_from check (age_from between 1 and 120),
    add age_to   smallint constraint listing_age_to check (age_to between 1 and 120),
    add constraint listing_ages check (age_from <= age_to);
comment on column market.listing.age_to is 'The oldest seen, in whole years: 17 is until the 18th birthday.';
