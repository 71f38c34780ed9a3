-- What lets a location see patients has days too, like a practitioner's license: times outside of them are not offered.
-- Programs from before write neither, which says that there is no bound.

alter table location
    add valid_from  date constraint location_valid_from check (isfinite(valid_from)),
    add valid_until date constraint location_valid_until check (isfinite(valid_until)),
    add insured_until date constraint location_insured_until check (isfinite(insured_until)),
    add constraint location_valid check (valid_from <= valid_until);
comment on column location.valid_until is
    'The license reaches to the end of this day; later times are not offered.';
comment on column location.insured_until is 'The same of the insurance.';
