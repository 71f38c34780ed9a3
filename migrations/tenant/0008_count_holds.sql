-- Who holds a time away from others is seen and bounded: what kind of person holds it, and from which network, as a
-- keyed hash. Both are a hold's alone: nothing of them stays with what it becomes. Programs from before go on: their
-- holds do not count.

alter table appointment
    add held_by text constraint appointment_held_by check (held_by in ('visitor', 'patient', 'staff')),
    add held_network bytea;
comment on column appointment.held_by is 'Of a hold: a visitor without an account, a patient, or staff for one. Null otherwise, and where nobody said.';
comment on column appointment.held_network is 'Of a hold: the keyed hash of the range of addresses it came from.';
