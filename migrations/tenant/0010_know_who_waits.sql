-- Since when somebody waits is known, and taking "done" back leads to where the visit stood before. Programs from before
-- go on: what they mark has no time of arrival, and is taken back to booked, as it was.

alter table appointment
    add arrived_at timestamptz constraint appointment_arrived_at check (arrived_at is null or isfinite(arrived_at));
comment on column appointment.arrived_at is 'When the patient came. Kept when the visit is done; null where nobody said, and once that is taken back.';
