-- A patient is found by an index: by each of the first four words of the name and the last one, by the end of the phone
-- number, by address and by date of birth. The columns are the database's own, so that whoever writes a name, a number
-- or an address writes them too. Compared byte by byte ("C"), which the gate lets the planner use an index for. Programs
-- from before go on: they name none of these columns.

alter table patient
    add name_word_1 text collate "C" generated always as (split_part(market.fold(name), ' ', 1)) stored,
    add name_word_2 text collate "C" generated always as (split_part(market.fold(name), ' ', 2)) stored,
    add name_word_3 text collate "C" generated always as (split_part(market.fold(name), ' ', 3)) stored,
    add name_word_4 text collate "C" generated always as (split_part(market.fold(name), ' ', 4)) stored,
    add name_last text collate "C" generated always as (split_part(market.fold(name), ' ', -1)) stored,
    add phone_reversed text collate "C"
        generated always as (reverse(right(regexp_replace(phone, '[^0-9]', '', 'g'), 10))) stored,
    add email_lower text collate "C" generated always as (lower(email)) stored;
alter table patient alter name_word_1 set statistics 0, alter name_word_2 set statistics 0,
    alter name_word_3 set statistics 0, alter name_word_4 set statistics 0, alter name_last set statistics 0,
    alter phone_reversed set statistics 0, alter email_lower set statistics 0;
create index patient_word_1 on patient (name_word_1);
create index patient_word_2 on patient (name_word_2);
create index patient_word_3 on patient (name_word_3);
create index patient_word_4 on patient (name_word_4);
create index patient_last on patient (name_last);
create index patient_phone on patient (phone_reversed);
create index patient_email on patient (email_lower);
create index patient_born on patient (born);
comment on column patient.phone_reversed is 'The last ten digits of the phone number, backward: a number is found by its end, with or without the country.';
