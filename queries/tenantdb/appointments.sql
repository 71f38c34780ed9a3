-- AppointmentPage is one appointment of this account with everything its page says; the look is audited. No row: not
-- theirs.
-- name: AppointmentPage :one
with page as (
    select a.id, a.ref, a.status, a.starts_at, a.ends_at, a.sequence, a.is_new, a.note, a.payer_id, a.price_cents,
        a.currency, a.resource_id,
        a.cancel_cutoff_minutes, a.move_cutoff_minutes, a.cancelled_by, a.cancelled_why, a.updated_at,
        o.id as offering_id, o.schedule_version,
        s.name as service, s.reason_code, s.minutes, s.prep, s.bring,
        l.name as location, l.street, l.city, l.state, l.zip, l.zone, l.directions, l.phone as location_phone,
            l.area_km,
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

-- AccountAppointments are this account's appointments here, latest first; the look is audited once.
-- name: AccountAppointments :many
with mine as (
    select a.id, a.status, a.starts_at, s.name as service, l.name as location, l.street, l.city, l.zone,
        coalesce(p.name, '')::text as practitioner
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

-- DayCounts counts one day's visits at this organization's locations, each in its own zone, and says when the first one
-- that is still to come begins. Numbers and a time, no record of anybody.
-- name: DayCounts :one
with visits as (
    select a.status, a.starts_at from appointment a
    join offering o on o.id = a.offering_id join location l on l.id = o.location_id
    where a.starts_at > sqlc.arg('day')::date - interval '1 day'
        and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date
          and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
)
select count(*) filter (where status = 'booked') as expected, count(*) filter (where status = 'arrived') as here,
    count(*) filter (where status = 'fulfilled') as done,
    count(*) filter (where status = 'noshow') as missed, count(*) filter (where status = 'cancelled') as canceled,
    coalesce(min(starts_at) filter (where status = 'booked' and starts_at > sqlc.arg('now')::timestamptz),
        'epoch')::timestamptz as next_at
from visits;

-- DayAppointments are one day's visits at this organization's locations, each in its own zone, in order of time;
-- canceled ones among them. The look is audited for each person on the list. since and most narrow it to what comes
-- next, only to one visit. Who looks is asked for once, not by the defaults of each row: asking verifies the ticket.
-- name: DayAppointments :many
with day as (
    select a.id, a.ref, a.status, a.sequence, a.starts_at, a.ends_at, a.is_new, a.account_id, a.patient_id,
        pt.name as patient, s.name as service,
        coalesce(p.name, r.name)::text as practitioner, l.name as location, l.zone
    from appointment a
    join offering o on o.id = a.offering_id join service s on s.id = o.service_id
        join location l on l.id = o.location_id
    join patient pt on pt.id = a.patient_id join resource r on r.id = a.resource_id
    left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
    where a.starts_at > sqlc.arg('day')::date - interval '1 day'
        and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date
          and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
      and a.starts_at >= sqlc.arg('since')::timestamptz and (sqlc.narg('only')::uuid is null
          or a.id = sqlc.narg('only')::uuid)
    order by a.starts_at, pt.name, a.id limit sqlc.arg('most')
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), day.account_id,
        sqlc.arg('purpose')::text, 'Appointment', day.id, 'list', 'success' from day
)
select * from day order by starts_at, patient, id;

-- DayAppointmentsForAPI is DayAppointments as a key reads it: the audit keeps the key's id.
-- name: DayAppointmentsForAPI :many
with day as (
    select a.id, a.ref, a.status, a.starts_at, a.ends_at, a.updated_at, a.account_id, a.patient_id, pt.name as patient,
        s.name as service, s.reason_code,
        coalesce(p.name, r.name)::text as practitioner, l.name as location, l.zone
    from appointment a
    join offering o on o.id = a.offering_id join service s on s.id = o.service_id
        join location l on l.id = o.location_id
    join patient pt on pt.id = a.patient_id join resource r on r.id = a.resource_id
    left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
    where a.starts_at > sqlc.arg('day')::date - interval '1 day'
        and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date
          and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
    order by a.starts_at, a.id limit 1000
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, fields,
        outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), day.account_id, 'api', 'Appointment',
        day.id, 'list', array['key:' || sqlc.arg('key')::text], 'success' from day
)
select * from day order by starts_at, id;

-- PatientAppointments are a person's appointments here, the latest first. After PatientChart, in its transaction.
-- name: PatientAppointments :many
select a.id, a.ref, a.status, a.starts_at, a.note, a.is_new, s.name as service, l.zone,
    coalesce(p.name, r.name)::text as practitioner
from appointment a
join offering o on o.id = a.offering_id join service s on s.id = o.service_id join location l on l.id = o.location_id
join resource r on r.id = a.resource_id
left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
where a.patient_id = @patient_id and a.status not in ('held', 'lapsed')
order by a.starts_at desc, a.id limit 100;

-- AccountByReference is the account that has an appointment of this organization by the reference that its owner read
-- out; the organization and the account's owner see that it was looked up. No row: it is none of this organization's.
-- name: AccountByReference :one
with found as (
    select a.id, a.account_id from appointment a where a.ref = @ref and a.account_id is not null
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, outcome)
    select f.account_id, 'support', 'Appointment', f.id, 'find', 'success' from found f
)
select f.account_id from found f;

-- MoveAppointment gives the same appointment another time: old claims go, the new one decides.
-- KW409 = the new range is taken; KW410 = the appointment has changed meanwhile; KW412 = the offering has changed.
-- name: MoveAppointment :one
with offer as (
    select o.id from offering o
    where o.id = @offering_id and o.schedule_version = @schedule_version and o.live
      and exists (select 1 from offering_resource x where x.offering_id = o.id and x.resource_id = @resource_id::uuid)
), moved as (
    update appointment a set starts_at = @starts_at, ends_at = @ends_at, resource_id = @resource_id,
        sequence = a.sequence + 1, updated_at = now()
    from offer
    where a.id = @id and a.account_id = @account_id and a.status = 'booked' and a.sequence = @sequence
        and a.offering_id = offer.id
    returning a.id, a.sequence
), lapsed as (
    update appointment a set status = 'lapsed', updated_at = now()
    where a.status = 'held' and a.held_until <= now() and a.id in (
        select c.appointment_id from claim c
        where c.resource_id = @resource_id and c.state = 'held' and c.starts_at < @claim_ends_at
            and c.starts_at > sqlc.arg('claim_starts_at')::timestamptz - interval '1 day'
            and c.ends_at > @claim_starts_at)
    returning a.id, a.resource_id
), released as (
    update claim set state = 'released', expires_at = null
    where state in ('held', 'booked') and appointment_id in (select moved.id from moved union all select lapsed.id
        from lapsed)
    returning id, appointment_id, resource_id, starts_at, ends_at
), freed as (
    delete from market.busy where id in (select released.id from released) and tenant_id = (select ctx.tenant())
        returning id
), claimed as (
    insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state)
    select @claim_id::uuid, moved.id, @resource_id, @claim_starts_at::timestamptz, @claim_ends_at::timestamptz, 'booked'
    from moved where (select count(*) from released) >= 0
    on conflict do nothing
    returning id, resource_id, starts_at, ends_at
), shadow as (
    insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at)
    select id, (select ctx.tenant()), @resource_id, @claim_starts_at, @claim_ends_at from claimed
        where (select count(*) from freed) >= 0
), indexed as (
    update market.appointment_index set starts_at = @starts_at where appointment_id in (select moved.id from moved)
        and tenant_id = (select ctx.tenant())
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.released', lapsed.id, jsonb_build_object('resource', lapsed.resource_id, 'claim', released.id,
        'start', released.starts_at, 'end', released.ends_at)
    from lapsed left join released on released.appointment_id = lapsed.id
    union all
    select 'appointment.moved', moved.id, jsonb_build_object('sequence', moved.sequence,
        'resource', claimed.resource_id, 'claim', claimed.id, 'start', claimed.starts_at, 'end', claimed.ends_at,
        'from', released.resource_id, 'from_claim', released.id, 'from_start', released.starts_at,
        'from_end', released.ends_at)
    from claimed cross join moved left join released on released.appointment_id = moved.id
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select null, 'booking', 'Appointment', id, 'lapse hold', '{}'::text[], 'success' from lapsed
    union all
    select @account_id::uuid, 'booking', 'Appointment', id, 'move', '{starts_at,ends_at,resource_id}'::text[], 'success'
        from moved
)
select case when exists (select 1 from claimed) then true
            when exists (select 1 from moved) then ctx.refuse('KW409')
            when exists (select 1 from offer) then ctx.refuse('KW410')
            else ctx.refuse('KW412') end::boolean as moved;

-- CancelAppointment ends a booking and frees its time at once. KW410 = it has changed meanwhile.
-- name: CancelAppointment :one
with cancelled as (
    update appointment a set status = 'cancelled', cancelled_by = @cancelled_by, cancelled_why = @cancelled_why,
        sequence = a.sequence + 1, updated_at = now()
    where a.id = @id and a.account_id = @account_id and a.status = 'booked' and a.sequence = @sequence
    returning a.id, a.sequence, a.resource_id
), released as (
    update claim set state = 'released', expires_at = null
    where state in ('held', 'booked') and appointment_id in (select cancelled.id from cancelled)
    returning id, appointment_id, starts_at, ends_at
), freed as (
    delete from market.busy where id in (select released.id from released) and tenant_id = (select ctx.tenant())
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.cancelled', cancelled.id, jsonb_build_object('sequence', cancelled.sequence,
        'resource', cancelled.resource_id, 'claim', released.id, 'start', released.starts_at, 'end', released.ends_at)
    from cancelled left join released on released.appointment_id = cancelled.id
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, outcome)
    select @account_id::uuid, 'booking', 'Appointment', id, 'cancel', 'success' from cancelled
)
select case when exists (select 1 from cancelled) then true else ctx.refuse('KW410') end::boolean as cancelled;

-- MarkAppointment says what became of a visit, if it still is what whoever marks it saw. KW411 = its day has not come,
-- KW410 = somebody else was faster, or there is no way from the one to the other. No row: it is no visit of this
-- organization.
-- name: MarkAppointment :one
with seen as (
    select a.id, a.status, (a.starts_at at time zone l.zone)::date > (sqlc.arg('now')::timestamptz at time zone l.zone)::date as early
    from appointment a join offering o on o.id = a.offering_id join location l on l.id = o.location_id
    where a.id = @id and a.status not in ('held', 'lapsed')
), marked as (
    update appointment a set status = sqlc.arg('status')::text, updated_at = now()
    from seen
    where a.id = seen.id and a.status = sqlc.arg('was')::text and not seen.early
      and (a.status, sqlc.arg('status')::text) in (('booked', 'arrived'), ('booked', 'fulfilled'), ('booked', 'noshow'),
          ('arrived', 'fulfilled'),
          ('arrived', 'booked'), ('fulfilled', 'booked'), ('noshow', 'booked'))
    returning a.id, a.account_id, a.resource_id
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.marked', marked.id, jsonb_build_object('status', sqlc.arg('status')::text) from marked
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select marked.account_id, 'care', 'Appointment', marked.id, 'mark', array['status:' || sqlc.arg('status')::text],
        'success' from marked
)
select case when exists (select 1 from marked) then true
    when seen.early then ctx.refuse('KW411')
    else ctx.refuse('KW410') end::boolean as marked
from seen;

-- AddAppointments adds appointments in any state but held. A zero account, a negative price and an empty cancellation
-- are none.
-- name: AddAppointments :exec
insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at,
    is_new, payer_id, price_cents,
    cancel_cutoff_minutes, move_cutoff_minutes, booked_at, cancelled_by, cancelled_why, sequence, created_at,
        updated_at)
select r.id, r.ref, r.offering_id, r.status, r.patient_id, nullif(r.account_id, '00000000-0000-0000-0000-000000000000'),
    r.patient_id, r.resource_id, r.starts_at, r.ends_at,
    r.is_new, r.payer_id, nullif(r.price_cents, -1), r.cancel_cutoff_minutes, r.move_cutoff_minutes, r.booked_at,
        nullif(r.cancelled_by, ''), nullif(r.cancelled_why, ''),
    (r.status = 'cancelled')::int, r.booked_at, r.booked_at
from (select unnest(@ids::uuid[]) as id, unnest(@refs::text[]) as ref, unnest(@offerings::uuid[]) as offering_id,
    unnest(@statuses::text[]) as status,
    unnest(@accounts::uuid[]) as account_id, unnest(@patients::uuid[]) as patient_id,
        unnest(@resources::uuid[]) as resource_id,
    unnest(@starts::timestamptz[]) as starts_at, unnest(@ends::timestamptz[]) as ends_at,
        unnest(@new::boolean[]) as is_new, unnest(@payers::text[]) as payer_id,
    unnest(@prices::bigint[]) as price_cents, unnest(@cancel_cutoffs::int[]) as cancel_cutoff_minutes,
        unnest(@move_cutoffs::int[]) as move_cutoff_minutes,
    unnest(@booked_at::timestamptz[]) as booked_at, unnest(@cancelled_by::text[]) as cancelled_by,
        unnest(@cancelled_why::text[]) as cancelled_why) r;

-- IndexAppointments lets their accounts find appointments of this organization.
-- name: IndexAppointments :exec
insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at)
select a.id, (select ctx.tenant()), a.account_id, a.starts_at from appointment a where a.account_id is not null
on conflict do nothing;
