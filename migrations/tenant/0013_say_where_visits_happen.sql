-- Where a visit happens: at the location, by video, at the patient's home or by telephone. The service says it; of a
-- service that can be had by video as well (telehealth), the appointment says what was chosen. Null: as the service
-- says, and what programs from before write. A visit at home has an address: it is the chart's, a new row each time
-- that it changes, so that the visits of before keep theirs.

alter table service add visit_mode text not null default 'clinic'
    constraint service_visit_mode check (visit_mode in ('clinic', 'video', 'home', 'phone'));
update service set visit_mode = 'home' where id in (select o.service_id from offering o join location l on l.id = o.location_id
    where l.area_km > 0);
-- The one reason so far for which nobody comes to the location.
update service set visit_mode = 'video' where telehealth and reason_code = 'C43';
comment on column service.visit_mode is 'Where its visits happen. With telehealth, clinic means: at the location or by video.';

create table home_address (
    id         uuid primary key,
    patient_id uuid not null references patient,
    street     text not null check (street <> ''),
    unit       text not null default '',
    town       text not null check (town <> ''),
    state      text not null,
    zip        text not null check (zip ~ '^[0-9]{5}$'),
    entry      text not null default '',
    opens      text not null default '',
    pets       text not null default '',
    created_at timestamptz not null default now()
);
create index home_address_patient on home_address (patient_id, created_at);
alter table home_address alter street set statistics 0, alter unit set statistics 0, alter entry set statistics 0,
    alter opens set statistics 0, alter pets set statistics 0;
comment on table home_address is 'Where somebody is visited at home: entry is how to get in, opens who opens the door. Rows are added, not changed.';

alter table appointment
    add visit_mode text constraint appointment_visit_mode check (visit_mode in ('clinic', 'video', 'home', 'phone')),
    add address_id uuid references home_address;
comment on column appointment.visit_mode is 'What was chosen; null: as the service says.';
comment on column appointment.address_id is 'Of a visit at home: where.';
