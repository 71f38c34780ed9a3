-- AppointmentPage is one appointment of this account with everything its page says; the look is audited. No row: not
-- theirs.
-- name: AppointmentPage :one
with page as (
    select a.id, a.ref, a.status, a.starts_at, a.ends_at, a.sequence, a.is_new, a.note, a.payer_id, a.price_cents,
        a.currency, a.resource_id,
        a.cancel_cutoff_minutes, a.move_cutoff_minutes, a.cancelled_by, a.cancelled_why, a.updated_at,
        o.id as offering_id, o.schedule_version,
        o.payers_accepted, o.payers_refused, o.payers_confirmed,
        s.name as service, s.reason_code, s.minutes, s.prep, s.bring,
        coalesce(a.visit_mode, s.visit_mode)::text as visit_mode,
        l.name as location, l.street, l.city, l.state, l.zip, l.zone, l.directions, l.phone as location_phone,
            l.lat, l.lon, l.area_km,
        coalesce(p.name, '')::text as practitioner, pt.name as patient, pt.email as patient_email, pt.born
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

-- AccountAppointments are this account's appointments here: all that are to come, then the latest; the look is audited
-- once.
-- name: AccountAppointments :many
with mine as (
    select a.id, a.status, a.starts_at, s.name as service, coalesce(a.visit_mode, s.visit_mode)::text as visit_mode,
        l.name as location, l.street, l.city, l.state, l.zip, l.zone,
        coalesce(p.name, '')::text as practitioner, coalesce(a.cancelled_by, '')::text as cancelled_by
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
select * from mine order by (status = 'booked' and starts_at > now()) desc, starts_at desc, id limit 200;

-- OverlappingAppointments are which of these appointments of an account are booked and share time with a range, in
-- order of time. Nothing tells the organization that they were asked for: the account looks for its own, elsewhere.
-- name: OverlappingAppointments :many
select a.id, a.starts_at, s.name as service, coalesce(a.visit_mode, s.visit_mode)::text as visit_mode, l.zone,
    coalesce(p.name, '')::text as practitioner
from appointment a
join offering o on o.id = a.offering_id
join service s on s.id = o.service_id
join location l on l.id = o.location_id
left join practitioner p on p.id = o.practitioner_id
where a.account_id = @account_id and a.id = any (@ids::uuid[]) and a.status = 'booked'
    and a.starts_at < @ends_at and a.ends_at > @starts_at
order by a.starts_at, a.id;

-- DayCounts counts one day's visits at this organization's locations, each in its own zone, and says when the first one
-- that is still to come begins: all, or those with one person or at one location. Numbers and a time, no record of
-- anybody.
-- name: DayCounts :one
with visits as (
    select a.status, a.starts_at from appointment a
    join offering o on o.id = a.offering_id join location l on l.id = o.location_id
        join resource r on r.id = a.resource_id
    where a.starts_at > sqlc.arg('day')::date - interval '1 day'
        and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date
          and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
      and (sqlc.narg('with')::uuid is null
          or coalesce(r.practitioner_id, o.practitioner_id, r.id) = sqlc.narg('with')::uuid)
      and (sqlc.narg('location')::uuid is null or l.id = sqlc.narg('location')::uuid)
)
select count(*) filter (where status = 'booked') as expected, count(*) filter (where status = 'arrived') as here,
    count(*) filter (where status = 'fulfilled') as done,
    count(*) filter (where status = 'noshow') as missed, count(*) filter (where status = 'cancelled') as canceled,
    coalesce(min(starts_at) filter (where status = 'booked' and starts_at > sqlc.arg('now')::timestamptz),
        'epoch')::timestamptz as next_at
from visits;

-- WeekCounts counts the visits of seven days from a Monday on, canceled ones left out: all, or those with one person or
-- at one location. A day without one has no row.
-- name: WeekCounts :many
select (a.starts_at at time zone l.zone)::date as day, count(*) as visits from appointment a
join offering o on o.id = a.offering_id join location l on l.id = o.location_id
join resource r on r.id = a.resource_id
where a.starts_at > sqlc.arg('monday')::date - interval '1 day'
    and a.starts_at < sqlc.arg('monday')::date + interval '8 days'
    and a.status in ('booked', 'arrived', 'fulfilled', 'noshow')
    and (sqlc.narg('with')::uuid is null
        or coalesce(r.practitioner_id, o.practitioner_id, r.id) = sqlc.narg('with')::uuid)
    and (sqlc.narg('location')::uuid is null or l.id = sqlc.narg('location')::uuid)
group by 1 order by 1;

-- DayVersion is another whenever a visit or a hold of the day is added, moved away or changed, or a hold runs out: what
-- a list of the day that is open asks again and again. Numbers and a time, no record of anybody.
-- name: DayVersion :one
select count(*) as appointments, count(*) filter (where a.status = 'held' and a.held_until > now()) as held,
    coalesce(max(a.updated_at), 'epoch')::timestamptz as changed_at
from appointment a join offering o on o.id = a.offering_id join location l on l.id = o.location_id
where a.starts_at > sqlc.arg('day')::date - interval '1 day' and a.starts_at < sqlc.arg('day')::date + interval '2 days'
    and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date;

-- DayChoices are by whom and where a day's list can be narrowed: people, rooms and teams that visits are with, and
-- locations, in order of name.
-- name: DayChoices :many
select 'with'::text as kind, p.id, p.name from practitioner p
union all select 'with', r.id, r.name from resource r where r.practitioner_id is null
union all select 'location', l.id, l.name from location l
order by kind, name, id;

-- DayAppointments are one day's visits at this organization's locations, each in its own zone, in order of time;
-- canceled ones among them. The look is audited for each person on the list; where somebody has no account, with their
-- chart. since and most narrow it to what comes next, only to one visit, the rest to those with one person, at one
-- location, in one state. Whoever has ended their consent has neither name nor number here any more. Who looks is asked
-- for once, not by the defaults of each row: asking verifies the ticket.
-- name: DayAppointments :many
with day as (
    select a.id, a.ref, a.status, a.sequence, a.starts_at, a.ends_at, a.is_new, a.account_id, a.patient_id,
        a.arrived_at, (case when ended.consent then '' else pt.name end)::text as patient,
        (case when ended.consent then '' else pt.phone end)::text as phone, s.name as service,
        (a.address_id is not null and not ended.consent)::boolean as with_address,
        coalesce(a.visit_mode, s.visit_mode)::text as visit_mode,
        coalesce(p.name, r.name)::text as practitioner, l.name as location, l.zone
    from appointment a
    join offering o on o.id = a.offering_id join service s on s.id = o.service_id
        join location l on l.id = o.location_id
    join patient pt on pt.id = a.patient_id join resource r on r.id = a.resource_id
    left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
    cross join lateral (select exists (select 1 from ended_consent e where e.patient_id = pt.id) as consent) ended
    where a.starts_at > sqlc.arg('day')::date - interval '1 day'
        and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date
          and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
      and a.starts_at >= sqlc.arg('since')::timestamptz and (sqlc.narg('only')::uuid is null
          or a.id = sqlc.narg('only')::uuid)
      and (sqlc.narg('with')::uuid is null
          or coalesce(r.practitioner_id, o.practitioner_id, r.id) = sqlc.narg('with')::uuid)
      and (sqlc.narg('location')::uuid is null or l.id = sqlc.narg('location')::uuid)
      and (sqlc.narg('status')::text is null or a.status = sqlc.narg('status')::text)
    order by a.starts_at, case when ended.consent then '' else pt.name end, a.id limit sqlc.arg('most')
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, fields,
        outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), day.account_id,
        sqlc.arg('purpose')::text, 'Appointment', day.id, 'list',
        case when day.account_id is null then array['chart:' || day.patient_id::text] else '{}' end
            || case when day.with_address then array['address'] else '{}' end, 'success' from day
)
select * from day order by starts_at, patient, id;

-- DayAppointmentsForAPI is DayAppointments as a key reads it: at most so many of those that follow an instant and an
-- id, in order of both. The audit keeps the key's id.
-- name: DayAppointmentsForAPI :many
with day as (
    select a.id, a.ref, a.status, a.starts_at, a.ends_at, a.updated_at, a.account_id, a.patient_id,
        (case when ended.consent then '' else pt.name end)::text as patient, s.name as service, s.reason_code,
        coalesce(a.visit_mode, s.visit_mode)::text as visit_mode,
        coalesce(p.name, r.name)::text as practitioner, l.name as location, l.zone
    from appointment a
    join offering o on o.id = a.offering_id join service s on s.id = o.service_id
        join location l on l.id = o.location_id
    join patient pt on pt.id = a.patient_id join resource r on r.id = a.resource_id
    left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
    cross join lateral (select exists (select 1 from ended_consent e where e.patient_id = pt.id) as consent) ended
    where a.starts_at > sqlc.arg('day')::date - interval '1 day'
        and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date
          and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
      and (a.starts_at, a.id) > (sqlc.arg('after_start')::timestamptz, sqlc.arg('after_id')::uuid)
    order by a.starts_at, a.id limit sqlc.arg('most')
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, fields,
        outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), day.account_id, 'api', 'Appointment',
        day.id, 'list', array['key:' || sqlc.arg('key')::text], 'success' from day
)
select * from day order by starts_at, id;

-- PatientAppointments are a person's appointments here, the latest first. After PatientChart, in its transaction.
-- name: PatientAppointments :many
select a.id, a.ref, a.status, a.starts_at, a.note, a.is_new, s.name as service, s.reason_code, l.zone,
    coalesce(a.visit_mode, s.visit_mode)::text as visit_mode,
    coalesce(p.name, r.name)::text as practitioner
from appointment a
join offering o on o.id = a.offering_id join service s on s.id = o.service_id join location l on l.id = o.location_id
join resource r on r.id = a.resource_id
left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
where a.patient_id = @patient_id and a.status not in ('held', 'lapsed')
order by a.starts_at desc, a.id limit 100;

-- AccountByReference is an appointment of this organization by the reference that its owner read out, and the account
-- that has it, if one does; the organization and the account's owner see that it was looked up. No row: it is none of
-- this organization's.
-- name: AccountByReference :one
with found as (
    select a.id, a.account_id, a.patient_id from appointment a where a.ref = @ref and a.status not in ('held', 'lapsed')
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select f.account_id, 'support', 'Appointment', f.id, 'find',
        case when f.account_id is null and f.patient_id is not null then array['chart:' || f.patient_id::text]
            else '{}' end, 'success' from found f
)
select f.id, f.account_id from found f;

-- BookingForSupport is a booking as support sees it: where, when and how it stands, nothing of what it is for.
-- AuditAppointment goes with it. No row: it is none of this organization's.
-- name: BookingForSupport :one
select a.id, a.ref, a.status, a.starts_at, a.ends_at, a.sequence, a.account_id, a.patient_id, a.booked_at,
    a.created_at, coalesce(a.cancelled_by, '')::text as cancelled_by, l.name as location, l.zone,
    coalesce(a.visit_mode, s.visit_mode)::text as visit_mode
from appointment a join offering o on o.id = a.offering_id join service s on s.id = o.service_id
join location l on l.id = o.location_id
where a.id = @id and a.status not in ('held', 'lapsed');

-- MessagesOfBooking are the emails about a booking, the first one first; without sent_at it has not gone out.
-- name: MessagesOfBooking :many
select m.kind, m.sequence, m.sent_at from message m where m.appointment_id = @appointment_id
order by m.sequence, m.kind;

-- LiveClaim is the claim of this account's booking. No row: there is no such booking.
-- name: LiveClaim :one
select c.id, c.resource_id, c.starts_at, c.ends_at from appointment a
join claim c on c.appointment_id = a.id and c.state = 'booked'
where a.id = @id and a.account_id = @account_id and a.status = 'booked';

-- LockBooking locks this account's booking, at the sequence that its page showed and of the offering that is asked
-- for, if one is. It begins no sooner than the start by which it was judged whether it may still be changed: a sequence
-- can be guessed. KW410 = it has changed meanwhile.
-- name: LockBooking :exec
select ctx.refuse('KW410') where not exists (
    select 1 from appointment a join claim c on c.appointment_id = a.id and c.id = @claim_id and c.state = 'booked'
    where a.id = @id and a.account_id = @account_id and a.status = 'booked' and a.sequence = @sequence
        and a.starts_at >= @starts_at and a.offering_id = coalesce(sqlc.narg('offering_id')::uuid, a.offering_id)
    for update of a);

-- MoveAppointment gives a locked booking another time.
-- name: MoveAppointment :exec
update appointment set starts_at = @starts_at, ends_at = @ends_at, resource_id = @resource_id,
    sequence = sequence + 1, updated_at = now()
where id = @id and status = 'booked';

-- VisitToMark is how a visit stands, when it begins, and whose it is. No row: it is no visit of this organization.
-- name: VisitToMark :one
select a.account_id, a.patient_id, a.status, a.starts_at from appointment a
where a.id = @id and a.status not in ('held', 'lapsed');

-- LockVisit locks a visit that has the status that whoever marks it saw. KW410 = somebody else was faster.
-- name: LockVisit :exec
select ctx.refuse('KW410') where not exists (
    select 1 from appointment a where a.id = @id and a.status = sqlc.arg('was')::text for update);

-- RequireItsDay refuses with KW411 a visit whose day has not come at its location.
-- name: RequireItsDay :exec
select ctx.refuse('KW411') from appointment a
join offering o on o.id = a.offering_id join location l on l.id = o.location_id
where a.id = @id and (a.starts_at at time zone l.zone)::date > (sqlc.arg('now')::timestamptz at time zone l.zone)::date;

-- MarkAppointment says what became of a locked visit. When the patient came is kept until that is taken back.
-- name: MarkAppointment :exec
update appointment set status = sqlc.arg('status')::text, updated_at = now(),
    arrived_at = case sqlc.arg('status')::text when 'arrived' then coalesce(arrived_at, sqlc.arg('now')::timestamptz)
        when 'fulfilled' then arrived_at end
where id = @id;

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
insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at, cancelled)
select a.id, (select ctx.tenant()), a.account_id, a.starts_at, a.status = 'cancelled'
from appointment a where a.account_id is not null
on conflict do nothing;
