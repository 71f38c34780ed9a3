-- DayOf counts one day's visits at this organization's locations, each in its own zone, and says when the first one that is still to come
-- begins. Numbers and a time, no record of anybody.
-- name: DayOf :one
with visits as (
    select a.status, a.starts_at from appointment a
    join offering o on o.id = a.offering_id join location l on l.id = o.location_id
    where a.starts_at > sqlc.arg('day')::date - interval '1 day' and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
)
select count(*) filter (where status = 'booked') as expected, count(*) filter (where status = 'arrived') as here, count(*) filter (where status = 'fulfilled') as done,
    count(*) filter (where status = 'noshow') as missed, count(*) filter (where status = 'cancelled') as canceled,
    coalesce(min(starts_at) filter (where status = 'booked' and starts_at > sqlc.arg('now')::timestamptz), 'epoch')::timestamptz as next_at
from visits;

-- ListDay are one day's visits at this organization's locations, each in its own zone, in order of time; canceled ones among them. The
-- look is audited for each person on the list. since and most narrow it to what comes next, only to one visit.
-- Who looks is asked for once, not by the defaults of each row: asking verifies the ticket.
-- name: ListDay :many
with day as (
    select a.id, a.ref, a.status, a.sequence, a.starts_at, a.ends_at, a.is_new, a.account_id, a.patient_id, pt.name as patient, s.name as service,
        coalesce(p.name, r.name)::text as practitioner, l.name as location, l.zone
    from appointment a
    join offering o on o.id = a.offering_id join service s on s.id = o.service_id join location l on l.id = o.location_id
    join patient pt on pt.id = a.patient_id join resource r on r.id = a.resource_id
    left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
    where a.starts_at > sqlc.arg('day')::date - interval '1 day' and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
      and a.starts_at >= sqlc.arg('since')::timestamptz and (sqlc.narg('only')::uuid is null or a.id = sqlc.narg('only')::uuid)
    order by a.starts_at, pt.name, a.id limit sqlc.arg('most')
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), day.account_id, sqlc.arg('purpose')::text, 'Appointment', day.id, 'list', 'success' from day
)
select * from day order by starts_at, patient, id;

-- MarkVisit says what became of a visit, if it still is what whoever marks it saw. verdict: marked, early (its day has not come),
-- changed (somebody else was faster, or there is no way from the one to the other), gone (not of this organization).
-- name: MarkVisit :one
with seen as (
    select a.id, a.status, (a.starts_at at time zone l.zone)::date > (sqlc.arg('now')::timestamptz at time zone l.zone)::date as early
    from appointment a join offering o on o.id = a.offering_id join location l on l.id = o.location_id
    where a.id = @id and a.status not in ('held', 'lapsed')
), marked as (
    update appointment a set status = sqlc.arg('status')::text, updated_at = now()
    from seen
    where a.id = seen.id and a.status = sqlc.arg('was')::text and not seen.early
      and (a.status, sqlc.arg('status')::text) in (('booked', 'arrived'), ('booked', 'fulfilled'), ('booked', 'noshow'), ('arrived', 'fulfilled'),
          ('arrived', 'booked'), ('fulfilled', 'booked'), ('noshow', 'booked'))
    returning a.id, a.account_id, a.resource_id
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.marked', marked.id, jsonb_build_object('status', sqlc.arg('status')::text) from marked
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select marked.account_id, 'care', 'Appointment', marked.id, 'mark', array['status:' || sqlc.arg('status')::text], 'success' from marked
)
select (case when exists (select 1 from marked) then 'marked' when not exists (select 1 from seen) then 'gone'
    when (select seen.early from seen) then 'early' else 'changed' end)::text as verdict;

-- FindPatients are people on file here by a part of their name or by a booking's reference, in order of name. The look is audited for
-- each who was found.
-- name: FindPatients :many
with found as (
    select pt.id, pt.account_id, pt.name, pt.born,
        (select max(a.starts_at) from appointment a where a.patient_id = pt.id and a.status in ('booked', 'arrived', 'fulfilled'))::timestamptz as last_at
    from patient pt
    where position(lower(sqlc.arg('name')::text) in lower(pt.name)) > 0
       or exists (select 1 from appointment a where a.patient_id = pt.id and a.ref = sqlc.arg('ref')::text)
    order by pt.name, pt.id limit 20
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), found.account_id, sqlc.arg('purpose')::text, 'Patient', found.id, 'list', 'success' from found
)
select found.id, found.name, found.born, coalesce(found.last_at, 'epoch')::timestamptz as last_at from found order by found.name, found.id;

-- ChartOf is what is on file here about a person; the look is audited, and covers VisitsOf and ConsentsOf, which are read with it.
-- No row: nobody of this organization.
-- name: ChartOf :one
with chart as (
    select pt.id, pt.account_id, pt.name, pt.born, pt.phone, pt.email, pt.created_at from patient pt where pt.id = @id
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select chart.account_id, sqlc.arg('purpose')::text, 'Patient', chart.id, 'read', '{details,appointments,consents}', 'success' from chart
)
select chart.id, chart.name, chart.born, chart.phone, chart.email, chart.created_at from chart;

-- VisitsOf are a person's appointments here, the latest first. After ChartOf, in its transaction.
-- name: VisitsOf :many
select a.id, a.ref, a.status, a.starts_at, a.note, a.is_new, s.name as service, l.zone, coalesce(p.name, r.name)::text as practitioner
from appointment a
join offering o on o.id = a.offering_id join service s on s.id = o.service_id join location l on l.id = o.location_id
join resource r on r.id = a.resource_id
left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
where a.patient_id = @patient_id and a.status not in ('held', 'lapsed')
order by a.starts_at desc, a.id limit 100;

-- ConsentsOf are the latest words of a person about each purpose. After ChartOf, in its transaction.
-- name: ConsentsOf :many
select distinct on (c.purpose) c.purpose, c.version, c.state, c.at from consent c where c.patient_id = @patient_id order by c.purpose, c.at desc;

-- ListDayForAPI is ListDay as a key reads it: the audit keeps the key's id.
-- name: ListDayForAPI :many
with day as (
    select a.id, a.ref, a.status, a.starts_at, a.ends_at, a.updated_at, a.account_id, a.patient_id, pt.name as patient, s.name as service, s.reason_code,
        coalesce(p.name, r.name)::text as practitioner, l.name as location, l.zone
    from appointment a
    join offering o on o.id = a.offering_id join service s on s.id = o.service_id join location l on l.id = o.location_id
    join patient pt on pt.id = a.patient_id join resource r on r.id = a.resource_id
    left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
    where a.starts_at > sqlc.arg('day')::date - interval '1 day' and a.starts_at < sqlc.arg('day')::date + interval '2 days'
      and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
    order by a.starts_at, a.id limit 1000
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, fields, outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), day.account_id, 'api', 'Appointment', day.id, 'list', array['key:' || sqlc.arg('key')::text], 'success' from day
)
select * from day order by starts_at, id;
