-- Whom a practitioner sees, by age in whole years: a children's doctor nobody who is grown up. Null: without a limit.
-- Programs from before write neither, which says that everybody is seen.

alter table practitioner
    add age_from smallint constraint practitioner_age_from check (age_from between 1 and 120),
    add age_to   smallint constraint practitioner_age_to check (age_to between 1 and 120),
    add constraint practitioner_ages check (age_from <= age_to);
comment on column practitioner.age_from is 'The youngest seen, in whole years; null: from birth.';
comment on column practitioner.age_to is 'The oldest seen, in whole years: 17 is until the 18th birthday; null: without a limit.';
