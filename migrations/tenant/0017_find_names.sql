-- A patient is found by any word of the name, the fifth of six too: the words are rows, as those of accounts are, and
-- read as those are, so that no booking waits. The columns from before, of which there were five, stay for programs from
-- before, which find by them without an index until they end: no statement of this one reads those.

create table patient_name_word (
    patient_id uuid not null,
    word       text collate "C" not null,
    primary key (patient_id, word)
);
comment on table patient_name_word is 'What a patient is found by: the words of the name. Kept by a trigger.';
create table name_seen as select id, name from patient;
insert into patient_name_word
select seen.id, kept.word from name_seen seen, unnest(directory.name_words(seen.name)) as kept(word);
create index patient_name_word_word on patient_name_word (word, patient_id);
alter table patient_name_word alter word set statistics 0;

create trigger keep_name_words after insert on patient referencing new table as named
    for each statement execute function directory.keep_name_words('patient');
create trigger change_name_words after update of name on patient
    for each row when (old.name is distinct from new.name) execute function directory.keep_name_words('patient');
delete from patient_name_word w using name_seen seen, patient p
where w.patient_id = seen.id and p.id = seen.id and p.name <> seen.name;
insert into patient_name_word
select p.id, kept.word from patient p, unnest(directory.name_words(p.name)) as kept(word)
where not exists (select 1 from name_seen seen where seen.id = p.id and seen.name = p.name);
drop table name_seen;
drop index patient_word_1, patient_word_2, patient_word_3, patient_word_4, patient_last;
