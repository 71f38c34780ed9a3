-- UpsertChart makes this account's chart or brings it up to date, and locks it. A chart that is there keeps its id.
-- name: UpsertChart :exec
insert into patient (id, account_id, name, born, phone, email)
values (@id, @account_id, @name, sqlc.narg('born'), @phone, @email)
on conflict (account_id) do update set name = excluded.name, born = excluded.born, phone = excluded.phone,
    email = excluded.email;

-- ChartID is the id of this account's chart. No row: it has none.
-- name: ChartID :one
select id from patient where account_id = @account_id;

-- IsExistingPatient tells whether this account has had, or will have, a visit here: what makes an existing patient.
-- name: IsExistingPatient :one
select exists (
    select 1 from appointment a where a.account_id = @account_id::uuid
        and a.status in ('booked', 'arrived', 'fulfilled')
)::boolean as known;

-- FindPatients are people on file here by a part of their name, which has a space before and behind it, or by a
-- booking's reference, in order of name. The look is audited for each who was found.
-- name: FindPatients :many
with found as (
    select pt.id, pt.account_id, pt.name, pt.born,
        (select max(a.starts_at) from appointment a where a.patient_id = pt.id
            and a.status in ('booked', 'arrived', 'fulfilled'))::timestamptz as last_at
    from patient pt
    where position(lower(sqlc.arg('name')::text) in ' ' || lower(pt.name) || ' ') > 0
       or exists (select 1 from appointment a where a.patient_id = pt.id and a.ref = sqlc.arg('ref')::text)
    order by pt.name, pt.id limit 20
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), found.account_id,
        sqlc.arg('purpose')::text, 'Patient', found.id, 'list', 'success' from found
)
select found.id, found.name, found.born, coalesce(found.last_at, 'epoch')::timestamptz as last_at from found
    order by found.name, found.id;

-- FindCharts are the charts here that those who watch over the audit ask about, at most 20 by name, with all visits
-- of each: asked by a chart's id or the last 12 digits of it, a booking's reference, the address or a part of the name
-- on the chart; what is null is not asked by. AuditFoundCharts goes with it.
-- name: FindCharts :many
select pt.id, pt.account_id, pt.name,
    coalesce((select array_agg(a.id) from appointment a where a.patient_id = pt.id), '{}')::uuid[] as visits
from patient pt
where pt.id = sqlc.narg('id')::uuid or right(pt.id::text, 12) = sqlc.narg('ending')::text
   or lower(pt.email) = sqlc.narg('email')::text or position(sqlc.narg('name')::text in lower(pt.name)) > 0
   or exists (select 1 from appointment a where a.patient_id = pt.id and a.ref = sqlc.narg('ref')::text)
order by pt.name, pt.id limit 20;

-- PatientChart is what is on file here about a person; the look is audited, and covers PatientAppointments and
-- PatientConsents, which are read with it. No row: nobody of this organization.
-- name: PatientChart :one
with chart as (
    select pt.id, pt.account_id, pt.name, pt.born, pt.phone, pt.email, pt.created_at from patient pt where pt.id = @id
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select chart.account_id, sqlc.arg('purpose')::text, 'Patient', chart.id, 'read', '{details,appointments,consents}',
        'success' from chart
)
select chart.id, chart.name, chart.born, chart.phone, chart.email, chart.created_at from chart;

-- AddPatients adds charts. A born of year 1 is none.
-- name: AddPatients :exec
insert into patient (id, account_id, name, born, phone, email, created_at)
select unnest(@ids::uuid[]), nullif(unnest(@accounts::uuid[]), '00000000-0000-0000-0000-000000000000'),
    unnest(@names::text[]),
    nullif(unnest(@born::date[]), '0001-01-01'), unnest(@phones::text[]), unnest(@emails::text[]),
        unnest(@created_at::timestamptz[]);
