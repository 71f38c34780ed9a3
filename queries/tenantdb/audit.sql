-- AuditAppointment records what was done to an appointment, and by whom: the context says. No patient: a hold is
-- nobody's yet. It gives the event as shareddb's WrittenEvents does, for the witness; whoever calls it gets nothing.
-- name: AuditAppointment :exec
insert into audit.event_row as e (patient, purpose, resource, resource_id, action, fields, outcome)
values (sqlc.narg('patient'), @purpose, 'Appointment', @id, @action, @fields, 'success')
returning e.*;

-- AuditPatientContact records that somebody looked up how a person is reached, and with it where they are visited at
-- home if that was shown.
-- name: AuditPatientContact :exec
insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
values (sqlc.narg('patient')::uuid, @purpose, 'Patient', sqlc.arg('chart')::uuid, 'read-contact',
    array['name', 'born', 'phone', 'email', 'next', 'past']
        || case when sqlc.arg('with_address')::boolean then array['address'] else '{}' end, 'success');

-- AuditFoundCharts records that those who watch over the audit were told of charts, a line for each; an account that is
-- all zeros is none.
-- name: AuditFoundCharts :exec
insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, outcome)
select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()),
    nullif(unnest(sqlc.arg('accounts')::uuid[]), '00000000-0000-0000-0000-000000000000'), 'compliance', 'Patient',
    unnest(sqlc.arg('charts')::uuid[]), 'list', 'success';

-- RelatedPatients are those of some people, by account, chart or visit, whom the reader had a reason to look at: an
-- appointment with the reader as practitioner, whenever, or with anybody on a day of the day's list, from one day to
-- another. In no order.
-- name: RelatedPatients :many
select p.id::uuid as patient from unnest(sqlc.arg('patients')::uuid[]) as p(id)
where exists (select 1 from appointment a
    where (a.account_id = p.id or a.patient_id = p.id or a.id = p.id) and a.status not in ('held', 'lapsed')
      and (a.starts_at >= sqlc.arg('day_from')::timestamptz and a.starts_at < sqlc.arg('day_to')::timestamptz
        or a.resource_id in (select r.id from resource r
            join directory.membership m on m.practitioner_id = r.practitioner_id
            where m.tenant_id = (select ctx.tenant()) and m.account_id = sqlc.arg('reader')::uuid
                and m.ended_at is null)));

-- OrganizationLog is what was done at this organization, the latest first: by those who work there and by staff, or by
-- all; of one person, or of everybody; from one moment to another; about one patient, by their chart; of some actions,
-- by resource and action. Of the team's events it says whose they were. The patient is named as on file here. The look
-- is audited once, and for each patient whom it names: those are left out here, for each look at the log would push
-- what it shows off its first page.
-- name: OrganizationLog :many
with page as (
    select e.seq, e.at, e.actor, e.staff_access_id, e.patient, e.purpose, e.resource, e.action, e.fields, e.outcome,
        e.policy_id, coalesce(chart.id, visitor.id, person.id) as chart_id,
        coalesce(chart.account_id, visitor.account_id, person.account_id) as account_id,
        coalesce(chart.name, visitor.name, person.name, '')::text as patient_name,
        coalesce(x.kind, '')::text as staff_access_kind, coalesce(x.reason, '')::text as reason,
        m.account_id as colleague
    from audit.event e left join directory.staff_access x on x.id = e.staff_access_id
        left join directory.membership m on m.id = e.resource_id and e.resource = 'Membership'
        left join patient person on person.account_id = e.patient
        left join patient chart on chart.id = e.resource_id and e.resource = 'Patient'
        left join appointment visit on visit.id = e.resource_id and e.resource = 'Appointment' left
            join patient visitor on visitor.id = visit.patient_id
    where e.tenant_id = sqlc.arg('tenant_id')::uuid and e.seq < sqlc.arg('before')::bigint
        and e.action <> 'list-log'
        and (sqlc.arg('everybody')::boolean or e.actor is not null and e.actor is distinct from e.patient
            or e.purpose in ('api', 'program'))
        and (sqlc.narg('who')::uuid is null or e.actor = sqlc.narg('who')::uuid)
        and (sqlc.narg('since')::timestamptz is null or e.at >= sqlc.narg('since')::timestamptz)
        and (sqlc.narg('until')::timestamptz is null or e.at < sqlc.narg('until')::timestamptz)
        and (sqlc.narg('what')::text[] is null or e.resource || ' ' || e.action = any (sqlc.narg('what')::text[]))
        and (sqlc.narg('chart')::uuid is null
            or coalesce(chart.id, visitor.id, person.id) = sqlc.narg('chart')::uuid)
    order by e.seq desc limit sqlc.arg('most')
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), w.account_id, 'administration',
        w.resource, w.id, w.action, 'success'
    from (select 'AuditEvent' as resource, sqlc.arg('tenant_id')::uuid as id, 'list' as action,
            null::uuid as account_id
        union all select distinct 'Patient', p.chart_id, 'list-log', p.account_id from page p
            where p.chart_id is not null) w
)
select p.seq, p.at, p.actor, p.staff_access_id, p.patient, p.purpose, p.resource, p.action, p.fields, p.outcome,
    p.policy_id, p.patient_name, p.chart_id, p.colleague, p.staff_access_kind, p.reason
from page p order by p.seq desc;

-- AuditAdded records that something of what patients can book was added.
-- name: AuditAdded :exec
insert into audit.event (purpose, resource, resource_id, action, outcome)
values ('administration', @resource, @id, 'add', 'success');

-- AuditClosed records that a schedule lost its hours.
-- name: AuditClosed :exec
insert into audit.event (purpose, resource, resource_id, action, outcome)
values ('administration', 'Schedule', @id, 'close', 'success');
