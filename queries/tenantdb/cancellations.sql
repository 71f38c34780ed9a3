-- VisitToCancel is a visit that its organization may cancel or move: how it stands, when, where and with whom it is,
-- whose it is, until when its patient may change it, and the time that it has. Whoever has ended their consent
-- has no name here any more. AuditAppointment goes with it. No row: it is no visit of this organization.
-- name: VisitToCancel :one
select a.id, a.ref, a.account_id, a.patient_id, a.status, a.sequence, a.starts_at, a.updated_at, s.name as service,
    coalesce(a.visit_mode, s.visit_mode)::text as visit_mode, l.name as location, l.street, l.city, l.zone,
    l.phone as location_phone, s.prep, s.bring, a.ends_at, a.offering_id, a.booked_by, a.is_new,
    a.cancel_cutoff_minutes, a.move_cutoff_minutes,
    coalesce(p.name, r.name)::text as practitioner,
    (case when ended.consent then '' else pt.name end)::text as patient,
    (case when ended.consent then '' else pt.phone end)::text as phone,
    (pt.email <> '')::boolean as by_email, c.id as claim_id, c.resource_id as claim_resource_id,
    c.starts_at as claim_starts_at, c.ends_at as claim_ends_at
from appointment a
join offering o on o.id = a.offering_id join service s on s.id = o.service_id join location l on l.id = o.location_id
join patient pt on pt.id = a.patient_id join resource r on r.id = a.resource_id
left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
left join claim c on c.appointment_id = a.id and c.state = 'booked'
cross join lateral (select exists (select 1 from ended_consent e where e.patient_id = pt.id) as consent) ended
where a.id = @id and a.status not in ('held', 'lapsed');

-- LockVisitToCancel locks a visit that is booked still, at the sequence that its page showed. KW410 = it has changed
-- meanwhile.
-- name: LockVisitToCancel :exec
select ctx.refuse('KW410') where not exists (
    select 1 from appointment a join claim c on c.appointment_id = a.id and c.id = @claim_id and c.state = 'booked'
    where a.id = @id and a.status = 'booked' and a.sequence = @sequence for update of a);

-- CancelAppointment ends a locked booking.
-- name: CancelAppointment :exec
update appointment set status = 'cancelled', cancelled_by = @cancelled_by, cancelled_why = @cancelled_why,
    sequence = sequence + 1, updated_at = now()
where id = @id and status = 'booked';
