-- Whoever of the staff cancels for a patient is not the patient.

alter table appointment drop constraint appointment_cancelled_by_check,
    add constraint appointment_cancelled_by_check check (cancelled_by in ('patient', 'provider', 'support', 'system'));
