-- Whoever is excluded from federal health programs is paid for nothing that they do, order or prescribe. Their list is
-- read again and again; each time all of it is replaced at once.

-- +goose Up
set local role kindward_owner;
create table onboarding.exclusion_list (
    id        bigint generated always as identity primary key,
    hash      bytea not null check (length(hash) = 32),
    entries   int not null check (entries > 0),
    as_of     timestamptz not null check (isfinite(as_of)),
    looked_at timestamptz not null check (isfinite(looked_at))
);
comment on table onboarding.exclusion_list is 'The lists of exclusions that were read; the last one counts, and of the others only this is kept.';
comment on column onboarding.exclusion_list.hash is 'SHA-256 of the file.';
comment on column onboarding.exclusion_list.as_of is 'When it was there first. A list that nobody renews grows old, however often it is read.';
comment on column onboarding.exclusion_list.looked_at is 'When it was there last.';

create table onboarding.exclusion (
    list_id      bigint not null references onboarding.exclusion_list,
    line         int not null check (line > 1),
    npi          text check (npi ~ '^[0-9]{10}$'),
    person       text check (person <> ''),
    business     text check (business <> ''),
    name         text not null check (name <> '' and length(name) <= 200),
    born         date,
    state        text not null,
    kind         text not null,
    excluded_on  date not null,
    waiver_state text not null,
    primary key (list_id, line)
);
create index exclusion_npi on onboarding.exclusion (npi);
create index exclusion_person on onboarding.exclusion (person);
create index exclusion_business on onboarding.exclusion (business);
comment on table onboarding.exclusion is 'Who is on the list that counts. Only the worker reads it.';
comment on column onboarding.exclusion.person is 'First and last name as they are compared (kyc.PersonKey).';
comment on column onboarding.exclusion.business is 'The name as it is compared (kyc.BusinessKey).';
comment on column onboarding.exclusion.kind is 'The section of the law, such as 1128a1.';
comment on column onboarding.exclusion.waiver_state is 'In which state it is waived, or "".';

grant select, insert, update (looked_at) on onboarding.exclusion_list to kindward_relay;
grant select, insert, delete on onboarding.exclusion to kindward_relay;

alter table onboarding.check_result drop constraint check_result_result_check,
    add constraint check_result_result_check check (result in ('ERROR', 'FAIL', 'PASS', 'REVIEW', 'STALE'));
reset role;
