-- One word per thing (docs/glossary.md): zip codes are no places, staff access is what staff do under somebody else's eyes, a listing
-- carries its schedule. Programs from before do not read the new names: this one is deployed with all processes stopped.

-- +goose Up
set local role kindward_owner;
alter table market.place rename to zip_code;
alter table market.listing rename column plan to schedule;
alter table market.listing rename column plan_version to schedule_version;
comment on table market.listing is 'The published form of one offering: a service at a location by a practitioner or a team. schedule is internal/booking.Schedule; area_km > 0 only for home care.';

alter table directory.acting rename to staff_access;
alter table directory.staff_access drop constraint acting_kind_check, drop constraint acting_check, drop constraint acting_check1;
alter table directory.staff_access no force row level security;
update directory.staff_access set kind = 'emergency' where kind = 'break_glass';
update directory.staff_access set ended_at = now() where ended_at is null; -- sessions from before do not know of it any more
alter table directory.staff_access force row level security;
alter table directory.staff_access
    add constraint staff_access_kind check (kind in ('impersonation', 'emergency')),
    add constraint staff_access_person check ((kind = 'impersonation') = (person is not null)),
    add constraint staff_access_tenant check ((kind = 'emergency') = (tenant_id is not null));
alter index directory.acting_pkey rename to staff_access_pkey;
alter index directory.acting_tenant rename to staff_access_tenant_started;
alter index directory.acting_actor rename to staff_access_actor;
alter index directory.acting_person rename to staff_access_person_started;
alter index directory.acting_unreviewed rename to staff_access_unreviewed;
comment on table directory.staff_access is 'Staff who see the site as a person (impersonation) or open an organization''s charts without a relation (emergency, "break-glass").';
reset role;

set local role kindward_audit;
alter table audit.event rename column acting_id to staff_access_id;
alter table audit.event alter staff_access_id set default nullif(current_setting('app.staff_access', true), '')::uuid;
alter index audit.event_acting rename to event_staff_access;
comment on column audit.event.staff_access_id is 'The impersonation or emergency access (directory.staff_access) under which it was done.';
reset role;
