-- LeaseMessage takes the right to tell a patient about the present state of an appointment, with all the message says;
-- it is audited. No row: the appointment is in another state now, nobody can be reached, or the message is sent or
-- under way (MessageState tells).
-- name: LeaseMessage :one
with due as (
    select a.id, a.ref, a.sequence, a.starts_at, a.ends_at, a.updated_at, a.account_id, a.cancelled_by, a.cancelled_why,
        a.cancel_cutoff_minutes, a.move_cutoff_minutes,
        l.name as location, l.street, l.city, l.state, l.zip, l.zone, l.phone,
        coalesce(a.visit_mode, s.visit_mode)::text as visit_mode,
        coalesce(p.name, '')::text as practitioner, pt.email, pt.born, a.is_new, s.reason_code,
        exists (select from intake_answer i where i.appointment_id = a.id and i.complete) as answered
    from appointment a
    join offering o on o.id = a.offering_id
    join service s on s.id = o.service_id
    join location l on l.id = o.location_id
    join patient pt on pt.id = a.patient_id
    left join practitioner p on p.id = o.practitioner_id
    where a.id = @appointment_id and a.sequence = @sequence and pt.email <> ''
      and (@kind::text in ('booked', 'moved') and a.status = 'booked' and a.starts_at > @now::timestamptz
          or @kind = 'cancelled' and a.status = 'cancelled')
), leased as (
    insert into message (id, appointment_id, kind, channel, sequence, leased_until)
    select @id::uuid, due.id, @kind, 'mail', due.sequence, now() + sqlc.arg('lease_seconds')::int * interval '1 second'
        from due
    on conflict (appointment_id, kind, sequence, channel) do update set leased_until = excluded.leased_until
        where message.sent_at is null and message.leased_until <= now()
    returning message.id as message_id
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select due.account_id, 'message', 'Appointment', due.id, 'read', '{email}', 'success' from due, leased
)
select leased.message_id, due.* from due, leased;

-- MessageState tells how far a message is and whether it is still true. No row: it was never begun.
-- name: MessageState :one
select m.sent_at, greatest(0, ceil(extract(epoch from m.leased_until - now())))::int as lease_seconds,
    (a.sequence = m.sequence and (m.kind in ('booked', 'moved') and a.status = 'booked'
        and a.starts_at > @now::timestamptz
        or m.kind = 'cancelled' and a.status = 'cancelled'))::boolean as still_true
from message m join appointment a on a.id = m.appointment_id
where m.appointment_id = @appointment_id and m.kind = @kind and m.sequence = @sequence and m.channel = 'mail';

-- MarkMessageSent records that it was sent; it is never sent again.
-- name: MarkMessageSent :exec
update message set sent_at = now() where id = @id and sent_at is null;

-- ReturnMessage gives the lease back after a failure, so that the next try need not wait for its end.
-- name: ReturnMessage :exec
update message set leased_until = now() where id = @id and sent_at is null;
