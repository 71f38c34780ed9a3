-- Whoever works at an organization books for patients who call or stand at the desk. Who booked stays with the visit, and
-- who took a consent that was given by word of mouth, and how, with the consent. Programs from before write neither:
-- what they write, patients did themselves.

alter table appointment add booked_by uuid;
comment on column appointment.booked_by is
    'The account of whoever works here and booked for the patient. Null: the patient booked.';

alter table consent
    add channel text not null default 'online' constraint consent_channel check (channel in ('online', 'phone', 'desk')),
    add taken_by uuid,
    add constraint consent_taken check ((channel = 'online') = (taken_by is null));
comment on column consent.taken_by is
    'The account of whoever works here and read the words out, by telephone or at the desk. Null: online.';
