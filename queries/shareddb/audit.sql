-- WriteLook keeps that somebody looked at the audit itself: fields are what they asked by, patient whom they asked
-- about.
-- name: WriteLook :exec
insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
values (@purpose, 'AuditEvent', sqlc.narg('tenant'), sqlc.narg('patient'), @action, @fields, 'success');

-- AccessLog is what was done with a person's record, the latest first: by others, or by all. Tries to get in that
-- failed count as others, and so do an organization's API clients; emails that the platform sends do not. Who
-- acts for staff is told by the act.
-- name: AccessLog :many
select e.seq, e.at, e.actor, e.staff_access_id, e.purpose, e.resource, e.action, e.fields, e.outcome, e.policy_id,
    coalesce(t.name, '')::text as organization,
    coalesce(directory.name_at(a.name, a.former_names, e.at), '')::text as actor_name,
        coalesce(x.kind, '')::text as staff_access_kind, coalesce(x.reason, '')::text as reason
from audit.event e left join directory.tenant t on t.id = e.tenant_id left join directory.account a on a.id = e.actor
    left join directory.staff_access x on x.id = e.staff_access_id
where e.patient = sqlc.arg('account_id')::uuid and e.seq < sqlc.arg('before')::bigint
    and (sqlc.arg('everybody')::boolean or e.actor <> sqlc.arg('account_id')::uuid or e.actor is null
        and (e.purpose in ('api', 'program') or e.outcome = 'denied'))
order by e.seq desc limit sqlc.arg('most');

-- SpecialAccess is when staff saw the site as a person or opened their record in an emergency, the last 20 first, and
-- how often in all. The reason of an emergency is the organization's to tell: empty here.
-- name: SpecialAccess :many
with access as (
    select x.kind, x.reason, x.may_change, x.started_at as first_at, ''::text as organization,
        (select count(*) from audit.event e where e.staff_access_id = x.id
            and e.patient = sqlc.arg('account_id')::uuid) as looks
    from directory.staff_access x where x.person = sqlc.arg('account_id')::uuid
    union all
    select 'emergency', '', false, min(e.at)::timestamptz, coalesce(min(t.name), '')::text, count(*)
    from audit.event e left join directory.tenant t on t.id = e.tenant_id
    where e.patient = sqlc.arg('account_id')::uuid and e.staff_access_id is not null
        and not exists (select 1 from directory.staff_access x where x.id = e.staff_access_id
            and x.person = sqlc.arg('account_id')::uuid)
    group by e.staff_access_id
)
select a.kind, a.reason, a.may_change, a.first_at, a.organization, a.looks, count(*) over () as times
from access a order by a.first_at desc limit 20;

-- OrganizationPeople are those who work or worked at the scope's organization, by the name that they have, or had when
-- they left: the first ones of them, to choose from.
-- name: OrganizationPeople :many
select directory.name_at(a.name, a.former_names, max(coalesce(m.ended_at, 'infinity')))::text as name, a.id
from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = sqlc.arg('tenant_id')::uuid group by a.id order by 1, 2
limit sqlc.arg('most');

-- NamesAtWork are what those who work or worked at the scope's organization were called, each at an instant, in no
-- order. Of others there is no row.
-- name: NamesAtWork :many
select p.id::uuid as id, p.at::timestamptz as at, directory.name_at(a.name, a.former_names, p.at)::text as name
from (select unnest(sqlc.arg('people')::uuid[]) as id, unnest(sqlc.arg('times')::timestamptz[]) as at) p
join directory.account a on a.id = p.id
where exists (select 1 from directory.membership m
    where m.tenant_id = sqlc.arg('tenant_id')::uuid and m.account_id = a.id);

-- SearchAudit are events for the staff who watch over it, the latest first; what is null is not asked by. Rows carry
-- all columns, and the leaf under which the event is sealed, or -1.
-- name: SearchAudit :many
select sqlc.embed(e),
    coalesce(directory.name_at(a.name, a.former_names, e.at), '')::text as actor_name,
    coalesce(t.name, '')::text as organization,
    coalesce(t.slug, '')::text as slug,
    coalesce((select l.number from audit.leaf l where l.event_seq = e.seq), -1)::bigint as leaf,
    coalesce(x.kind, '')::text as staff_access_kind
from audit.event_row e left join directory.account a on a.id = e.actor
    left join directory.tenant t on t.id = e.tenant_id left join directory.staff_access x on x.id = e.staff_access_id
where (e.at, e.seq) < (sqlc.arg('before')::timestamptz, sqlc.arg('before_seq')::bigint)
    and (sqlc.narg('actor')::uuid is null or e.actor = sqlc.narg('actor')::uuid)
    and (sqlc.narg('patient')::uuid is null or e.patient = sqlc.narg('patient')::uuid)
    and (sqlc.narg('records')::uuid[] is null or e.resource_id = any (sqlc.narg('records')::uuid[]))
    and (sqlc.narg('tenant_id')::uuid is null or e.tenant_id = sqlc.narg('tenant_id')::uuid)
    and (sqlc.narg('staff_access')::uuid is null or e.staff_access_id = sqlc.narg('staff_access')::uuid)
    and (sqlc.narg('since')::timestamptz is null or e.at >= sqlc.narg('since')::timestamptz)
    and (sqlc.narg('until')::timestamptz is null or e.at < sqlc.narg('until')::timestamptz)
    and (sqlc.narg('purpose')::text is null or e.purpose = sqlc.narg('purpose')::text)
    and (sqlc.narg('action')::text is null or e.action = sqlc.narg('action')::text)
    and (sqlc.narg('outcome')::text is null or e.outcome = sqlc.narg('outcome')::text)
    and (sqlc.narg('what')::text[] is null or e.resource || ' ' || e.action = any (sqlc.narg('what')::text[]))
    and (not sqlc.arg('others')::boolean or e.actor is distinct from e.patient)
    and (sqlc.narg('under')::text is null or x.kind = sqlc.narg('under')::text)
order by e.at desc, e.seq desc limit sqlc.arg('most');

-- OpenedUnderAccess is what was done under one access, a row for each person and kind of act, with how often and when
-- first: what is no list first, so that no number of lists buries a record that was opened. person is an account, else
-- a chart, else a visit of somebody who has neither.
-- name: OpenedUnderAccess :many
with act as (
    select coalesce(e.patient, case e.resource when 'Patient' then e.resource_id end,
            (select substr(f.field, 7)::uuid from unnest(e.fields) as f(field)
                where f.field ~ '^chart:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' limit 1),
            case e.resource when 'Appointment' then e.resource_id end) as person,
        e.resource, e.action, e.outcome, e.at
    from audit.event e where e.staff_access_id = sqlc.arg('id')::uuid
)
select d.person::uuid as person, d.resource, d.action, d.outcome, count(*) as times, min(d.at)::timestamptz as first_at
from act d where d.person is not null
group by d.person, d.resource, d.action, d.outcome
order by d.action in ('list', 'find'), min(d.at), d.person limit sqlc.arg('most');

-- Checkpoint is the newest signed head of the audit's tree. No row: nothing is sealed yet.
-- name: Checkpoint :one
select c.size, c.note, c.at from audit.checkpoint c order by c.size desc limit 1;

-- SupportTimeline is what was done with an account and its bookings, of what is asked for (resource and action), and
-- which emails about bookings went out, the latest first: for support, without where, and without anything about
-- health.
-- name: SupportTimeline :many
select e.seq, e.at, e.actor, e.patient, e.staff_access_id, e.purpose, e.resource, e.action, e.outcome
from audit.event e
where e.patient = sqlc.arg('account_id')::uuid and e.outcome = 'success'
    and (e.purpose = 'message' or e.resource || ' ' || e.action = any (@what::text[]))
order by e.seq desc limit 50;

-- StoredHashes are hashes of the audit's tree by their numbers, in no order.
-- name: StoredHashes :many
select n.number, n.hash from audit.node n where n.number = any (@numbers::bigint[]);

-- Alerts are what the rules found: the open ones first, the oldest of them on top, then those reviewed, the last first.
-- name: Alerts :many
select l.id, l.kind, l.actor, l.tenant_id, l.at, l.facts, l.reviewed_at, l.review_note,
    directory.name_at(a.name, a.former_names, l.at)::text as actor_name,
    coalesce(directory.name_at(r.name, r.former_names, l.reviewed_at), '')::text as reviewer,
    coalesce(t.name, '')::text as organization
from audit.alert l join directory.account a on a.id = l.actor left join directory.account r on r.id = l.reviewed_by left
    join directory.tenant t on t.id = l.tenant_id
order by l.reviewed_at desc nulls first, l.at limit 200;

-- ReviewAlert closes an alert about somebody else. No row: it is closed, or about the reviewer.
-- name: ReviewAlert :one
with reviewed as (
    update audit.alert l set reviewed_at = sqlc.arg('now')::timestamptz, reviewed_by = ctx.actor(),
        review_note = sqlc.arg('note')::text
    where l.id = sqlc.arg('id')::uuid and l.reviewed_at is null and l.actor is distinct from ctx.actor()
    returning l.id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'compliance', 'Alert', r.id, 'review', 'success' from reviewed r
)
select r.id from reviewed r;

-- WriteDenial keeps that somebody asked for what they may not do, or was not let in. resource_id is the organization,
-- where one was asked about, or the account of patient; fields say what they showed, and how often if it is a summary.
-- name: WriteDenial :exec
insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
values (@purpose, @resource, sqlc.narg('resource_id'), sqlc.narg('patient'), @action, @fields, 'denied');

-- WrittenEvents are the events that the present transaction has written so far, every column, in order: the policy
-- "own" shows them to whoever wrote them.
-- name: WrittenEvents :many
select e.* from audit.event_row e where e.xid = pg_current_xact_id_if_assigned() order by e.xid, e.seq;
