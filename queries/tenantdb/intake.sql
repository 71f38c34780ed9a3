-- OwnIntake are the answers before this account's own visit, as they were saved last, whatever became of its consent.
-- No row: none are saved.
-- name: OwnIntake :one
select i.sequence, i.form_version, i.answers, i.complete, i.answered_at
from intake_answer i join appointment a on a.id = i.appointment_id
where a.id = @id and a.account_id = @account_id::uuid order by i.sequence desc limit 1;

-- LockComing keeps this account's own visit as it is while answers before it are added. No row: it is canceled, has
-- begun or is somebody else's.
-- name: LockComing :one
select a.id from appointment a
where a.id = @id and a.account_id = @account_id::uuid and a.status = 'booked' and a.starts_at > @now::timestamptz
for share;

-- AddIntake keeps answers before a visit. After LockComing; AuditIntake goes with it. No row: there are answers of that
-- number already.
-- name: AddIntake :execrows
insert into intake_answer (appointment_id, sequence, form_version, answers, complete, account_id)
values (@appointment_id, @sequence, @form_version, @answers, @complete, @account_id)
on conflict (appointment_id, sequence) do nothing;

-- AuditIntake records that somebody answered what is asked before their visit.
-- name: AuditIntake :exec
insert into audit.event_row as e (patient, purpose, resource, resource_id, action, fields, outcome)
values (@account_id, 'own record', 'Appointment', @id, 'answer', '{intake}', 'success')
returning e.*;

-- PatientIntake are the answers before visits of a person, of each visit those that were saved last, in no order; of
-- canceled visits and of whoever has ended their consent there are none. After PatientChart, in its transaction, whose
-- event says that they were among it.
-- name: PatientIntake :many
select distinct on (i.appointment_id) i.appointment_id, i.form_version, i.answers, i.complete, i.answered_at
from intake_answer i join appointment a on a.id = i.appointment_id
where a.patient_id = @patient_id and a.status <> 'cancelled'
    and not exists (select 1 from ended_consent e where e.patient_id = a.patient_id)
order by i.appointment_id, i.sequence desc;
