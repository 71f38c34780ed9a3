-- ConfirmHold turns the person's living hold into the booking, with chart, consent, answer, audit and event in one statement.
-- KW410 = the hold is gone; KW208 = this request key was answered before (read StoredAnswer).
-- The chart's lock makes two bookings of one person queue; the second does not see the first's appointment, but that the chart is
-- another version than it saw when it began: it did not come alone, so the person is not new any more.
-- name: ConfirmHold :one
with keyed as (
    insert into request_key (key, body_hash, subject, status, location)
    values (@request_key, @body_hash, @account_id::uuid, 303, @answer)
    on conflict do nothing
    returning key
), known as (
    select p.id, p.xmin::text as version from keyed, patient p where p.account_id = @account_id for no key update of p
), chart as (
    insert into patient (id, account_id, name, born, phone, email)
    select @patient_id::uuid, @account_id, @name, sqlc.narg('born')::date, @phone, @email from keyed left join known on true
    on conflict (account_id) do update set name = excluded.name, born = excluded.born, phone = excluded.phone, email = excluded.email
    returning id
), alone as (
    select case when exists (select 1 from known) then (select known.version from known) = (select p.xmin::text from patient p where p.account_id = @account_id)
        else chart.id = @patient_id end as yes
    from chart
), booked as (
    update appointment a set status = 'booked', held_until = null, account_id = @account_id, patient_id = chart.id, note = @note,
        payer_id = @payer_id, booked_at = now(), updated_at = now(),
        is_new = alone.yes and not exists (select 1 from appointment earlier where earlier.patient_id = chart.id and earlier.status in ('booked', 'arrived', 'fulfilled'))
    from chart, alone
    where a.id = @id and a.holder = @holder and a.status = 'held' and a.held_until > now()
    returning a.id, a.ref, a.starts_at, a.resource_id, chart.id as patient_id
), claims as (
    update claim c set state = 'booked', expires_at = null from booked
    where c.appointment_id = booked.id and c.state = 'held'
    returning c.id
), shadow as (
    update market.busy b set expires_at = null from claims where b.id = claims.id and b.tenant_id = (select ctx.tenant())
), indexed as (
    insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at)
    select id, (select ctx.tenant()), @account_id, starts_at from booked
), agreed as (
    insert into consent (id, patient_id, purpose, version, text_hash, state)
    select @consent_id::uuid, patient_id, 'share', @consent_version, @consent_hash, 'granted' from booked
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.booked', id, jsonb_build_object('resource', resource_id) from booked
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select @account_id, 'booking', 'Appointment', id, 'book', '{name,born,phone,email,note,payer}', 'success' from booked
)
select coalesce((select ref from booked), '')::text as ref,
    case when exists (select 1 from booked) then true
         when exists (select 1 from keyed) then ctx.refuse('KW410')
         else ctx.refuse('KW208') end::boolean as booked;

-- StoredAnswer is what an earlier request with this key was told. No row: no such request.
-- name: StoredAnswer :one
select body_hash, subject, status, location from request_key where key = @key;

-- ForgetAnswers drops answers older than seven days.
-- name: ForgetAnswers :execrows
delete from request_key where at < now() - interval '7 days';

-- AppointmentPage is one appointment of this account with everything its page says; the look is audited. No row: not theirs.
-- name: AppointmentPage :one
with page as (
    select a.id, a.ref, a.status, a.starts_at, a.ends_at, a.sequence, a.is_new, a.note, a.payer_id, a.price_cents, a.currency, a.resource_id,
        a.cancel_cutoff_minutes, a.move_cutoff_minutes, a.cancelled_by, a.cancelled_why, a.updated_at,
        o.id as offering_id, o.schedule_version,
        s.name as service, s.reason_code, s.minutes, s.prep, s.bring,
        l.name as location, l.street, l.city, l.state, l.zip, l.zone, l.directions, l.phone as location_phone, l.area_km,
        coalesce(p.name, '')::text as practitioner, pt.name as patient, pt.email as patient_email
    from appointment a
    join offering o on o.id = a.offering_id
    join service s on s.id = o.service_id
    join location l on l.id = o.location_id
    join patient pt on pt.id = a.patient_id
    left join practitioner p on p.id = o.practitioner_id
    where a.id = @id and a.account_id = @account_id
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, outcome)
    select @account_id::uuid, 'own record', 'Appointment', page.id, 'read', 'success' from page
)
select * from page;

-- MoveAppointment gives the same appointment another time: old claims go, the new one decides.
-- KW409 = the new range is taken; KW410 = the appointment has changed meanwhile; KW412 = the offering has changed.
-- name: MoveAppointment :one
with offer as (
    select o.id from offering o
    where o.id = @offering_id and o.schedule_version = @schedule_version and o.live and @resource_id::uuid = any (o.resources)
), moved as (
    update appointment a set starts_at = @starts_at, ends_at = @ends_at, resource_id = @resource_id, sequence = a.sequence + 1, updated_at = now()
    from offer
    where a.id = @id and a.account_id = @account_id and a.status = 'booked' and a.sequence = @sequence and a.offering_id = offer.id
    returning a.id, a.sequence
), lapsed as (
    update appointment a set status = 'lapsed', updated_at = now()
    where a.status = 'held' and a.held_until <= now() and a.id in (
        select c.appointment_id from claim c
        where c.resource_id = @resource_id and c.state = 'held' and c.starts_at < @claim_ends_at and c.starts_at > sqlc.arg('claim_starts_at')::timestamptz - interval '1 day' and c.ends_at > @claim_starts_at)
    returning a.id, a.resource_id
), released as (
    update claim set state = 'released', expires_at = null
    where state in ('held', 'booked') and appointment_id in (select moved.id from moved union all select lapsed.id from lapsed)
    returning id, appointment_id, resource_id
), freed as (
    delete from market.busy where id in (select released.id from released) and tenant_id = (select ctx.tenant()) returning id
), claimed as (
    insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state)
    select @claim_id::uuid, moved.id, @resource_id, @claim_starts_at::timestamptz, @claim_ends_at::timestamptz, 'booked'
    from moved where (select count(*) from released) >= 0
    on conflict do nothing
    returning id
), shadow as (
    insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at)
    select id, (select ctx.tenant()), @resource_id, @claim_starts_at, @claim_ends_at from claimed where (select count(*) from freed) >= 0
), indexed as (
    update market.appointment_index set starts_at = @starts_at where appointment_id in (select moved.id from moved) and tenant_id = (select ctx.tenant())
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.released', id, jsonb_build_object('resource', resource_id) from lapsed
    union all
    select 'appointment.moved', moved.id, jsonb_build_object('resource', @resource_id, 'from', released.resource_id, 'sequence', moved.sequence)
    from moved left join released on released.appointment_id = moved.id
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select null, 'booking', 'Appointment', id, 'lapse hold', '{}'::text[], 'success' from lapsed
    union all
    select @account_id::uuid, 'booking', 'Appointment', id, 'move', '{starts_at,ends_at,resource_id}'::text[], 'success' from moved
)
select case when exists (select 1 from claimed) then true
            when exists (select 1 from moved) then ctx.refuse('KW409')
            when exists (select 1 from offer) then ctx.refuse('KW410')
            else ctx.refuse('KW412') end::boolean as moved;

-- CancelAppointment ends a booking and frees its time at once. KW410 = it has changed meanwhile.
-- name: CancelAppointment :one
with cancelled as (
    update appointment a set status = 'cancelled', cancelled_by = @cancelled_by, cancelled_why = @cancelled_why, sequence = a.sequence + 1, updated_at = now()
    where a.id = @id and a.account_id = @account_id and a.status = 'booked' and a.sequence = @sequence
    returning a.id, a.sequence, a.resource_id
), released as (
    update claim set state = 'released', expires_at = null
    where state in ('held', 'booked') and appointment_id in (select cancelled.id from cancelled)
    returning id
), freed as (
    delete from market.busy where id in (select released.id from released) and tenant_id = (select ctx.tenant())
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.cancelled', id, jsonb_build_object('resource', resource_id, 'sequence', sequence) from cancelled
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, outcome)
    select @account_id::uuid, 'booking', 'Appointment', id, 'cancel', 'success' from cancelled
)
select case when exists (select 1 from cancelled) then true else ctx.refuse('KW410') end::boolean as cancelled;

-- AppointmentsOfAccount are this account's appointments here, latest first; the look is audited once.
-- name: AppointmentsOfAccount :many
with mine as (
    select a.id, a.status, a.starts_at, s.name as service, l.name as location, l.street, l.city, l.zone, coalesce(p.name, '')::text as practitioner
    from appointment a
    join offering o on o.id = a.offering_id
    join service s on s.id = o.service_id
    join location l on l.id = o.location_id
    left join practitioner p on p.id = o.practitioner_id
    where a.account_id = @account_id::uuid
), written as (
    insert into audit.event (patient, purpose, resource, action, outcome)
    select @account_id, 'own record', 'Appointment', 'list', 'success'
)
select * from mine order by starts_at desc, id limit 200;
