-- Facts about getting in and resources of an offering become rows, with keys that hold; genders, zones and NPIs are checked.
-- Programs from before go on reading the old columns, which stay as they were; nothing reads or writes them any more, and a later
-- migration drops them when no such program runs.

create table location_access (
    location_id uuid not null references location,
    code        text not null check (code ~ '^[a-z]+(_[a-z]+)*$'),
    evidence    text not null default '',
    primary key (location_id, code)
);
comment on table location_access is 'What helps to get in and about at a location, by search''s code, and who says so.';
insert into location_access (location_id, code, evidence)
select l.id, split_part(f.fact, '=', 1), substr(f.fact, length(split_part(f.fact, '=', 1)) + 2)
from location l, unnest(l.access) with ordinality f (fact, n) order by l.id, f.n
on conflict do nothing;
comment on column location.access is 'Before location_access: not read or written any more.';

create table offering_resource (
    offering_id uuid not null references offering,
    resource_id uuid not null references resource,
    position    smallint not null,
    primary key (offering_id, resource_id),
    unique (offering_id, position)
);
create index offering_resource_resource on offering_resource (resource_id);
comment on table offering_resource is 'Any one of these does a visit of the offering; the first that is free is taken, in order of position.';
insert into offering_resource (offering_id, resource_id, position)
select o.id, r.id, min(r.n) - 1 from offering o, unnest(o.resources) with ordinality r (id, n) group by o.id, r.id;
alter table offering drop constraint offering_resources_check, alter resources set default '{}';
comment on column offering.resources is 'Before offering_resource: not read or written any more.';

alter table practitioner
    add constraint practitioner_gender check (gender in ('', 'female', 'male', 'nonbinary')),
    -- Ten digits, the first 1 or 2, whose Luhn sum with the prefix 80840 (24) ends in 0: internal/npi says the same.
    add constraint practitioner_npi check (case when npi ~ '^[12][0-9]{9}$' then (24
        + translate(substr(npi, 1, 1), '123456789', '246813579')::int + substr(npi, 2, 1)::int
        + translate(substr(npi, 3, 1), '123456789', '246813579')::int + substr(npi, 4, 1)::int
        + translate(substr(npi, 5, 1), '123456789', '246813579')::int + substr(npi, 6, 1)::int
        + translate(substr(npi, 7, 1), '123456789', '246813579')::int + substr(npi, 8, 1)::int
        + translate(substr(npi, 9, 1), '123456789', '246813579')::int + substr(npi, 10, 1)::int) % 10 = 0 else npi = '' end);
-- The same as tenant_zone of directory.tenant.
alter table location add constraint location_zone check (zone ~ '^(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+)$'
    and (timestamptz '2000-01-01 00:00:00+00' at time zone zone) is not null);

-- Keys that are joined or asked for on deletion. Not so appointment.offering_id, appointment.resource_id and claim.resource_id beyond the
-- live ones: offerings and resources with appointments are never deleted, and every hold would pay for the index.
create index resource_practitioner on resource (practitioner_id);
create index schedule_location on schedule (location_id);
create index schedule_practitioner on schedule (practitioner_id);
create index offering_service on offering (service_id);
create index offering_location on offering (location_id);
create index offering_schedule on offering (schedule_id);
create index offering_practitioner on offering (practitioner_id);
create index request_key_at on request_key (at);
