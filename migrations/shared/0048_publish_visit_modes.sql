-- Where the visits of a listing happen: at the location, by video, at the patient's home, by telephone. What is on the
-- market is published anew by its organization; until then home care comes to homes, as always.

-- +goose Up
alter table market.listing add visit_mode text not null default 'clinic'
    constraint listing_visit_mode check (visit_mode in ('clinic', 'video', 'home', 'phone'));
update market.listing set visit_mode = 'home' where area_km > 0;
update market.listing set visit_mode = 'video' where reason_code = 'C43' and telehealth_states <> '{}';
