-- One word per thing (docs/glossary.md): an offering's schedule has a version; rules of an organization are spelled as everything else is.

alter table offering rename column plan_version to schedule_version;
comment on table offering is 'FHIR HealthcareService at a Location by a practitioner or any one of a team''s resources. schedule_version moves with every change of its rules.';
alter table booking_rule drop constraint booking_rule_scope_check;
update booking_rule set scope = 'organization' where scope = 'organisation';
alter table booking_rule add constraint booking_rule_scope_check check (scope in ('organization', 'service', 'practitioner'));
comment on table booking_rule is 'Null inherits: practitioner over service over organization over the platform''s default.';
