-- QueuedApplications are those in one of some statuses, of a kind and a state ('': of all) and claimed by somebody
-- (none: by whomever), or those alone that were approved without a person, the one that has waited longest first, a
-- page of them behind one (none: the first). due is when the staff's step should be over (the epoch: never); of other
-- steps it counts those whose register said no, did not answer yet, was waived, or said what somebody has to look at.
-- signed_by is whose signature is the organization's last ('': nobody's), signing where the step of the contract is
-- ('': none is asked for). The audit keeps that the list was seen. Staff see all, others their scope's own.
-- name: QueuedApplications :many
with page as (
    select a.tenant_id, a.kind, a.state, a.name, a.status, a.claimed_by,
        coalesce(a.submitted_at, a.created_at)::timestamptz as since
    from onboarding.application a
    where a.status = any(@statuses::text[])
        and (sqlc.arg('kind')::text = '' or a.kind = sqlc.arg('kind')::text)
        and (sqlc.arg('state')::text = '' or a.state = sqlc.arg('state')::text)
        and (sqlc.narg('claimed_by')::uuid is null or a.claimed_by = sqlc.narg('claimed_by')::uuid)
        and (not sqlc.arg('itself')::boolean or exists (select 1 from onboarding.log l
            where l.tenant_id = a.tenant_id and l.kind = 'approved' and l.by is null))
        and (sqlc.narg('after')::uuid is null or (coalesce(a.submitted_at, a.created_at), a.tenant_id) >
            (select coalesce(b.submitted_at, b.created_at), b.tenant_id from onboarding.application b
                where b.tenant_id = sqlc.narg('after')::uuid))
    order by 7, 1 limit sqlc.arg('most')
), seen as (
    insert into audit.event (purpose, resource, action, outcome)
    select 'administration', 'Application', 'list', 'success' where exists (select 1 from page)
)
select p.tenant_id, p.kind, p.state, p.name, p.status, p.claimed_by, p.since,
    coalesce(max(s.due) filter (where s.key = 'review'), to_timestamp(0))::timestamptz as due,
    count(*) filter (where s.state = 'failed' and s.key <> 'review') as failed,
    count(*) filter (where s.state = 'waiting' and s.key <> 'review') as waiting,
    count(*) filter (where s.state = 'waived') as waived,
    (select count(*) from onboarding.check_result r where r.tenant_id = p.tenant_id and r.result = 'REVIEW'
        and not exists (select 1 from onboarding.check_result n where n.tenant_id = r.tenant_id and n.step = r.step
            and n.version > r.version)) as to_look_at,
    coalesce(max(s.state) filter (where s.key = 'contract'), '')::text as signing,
    coalesce((select g.name from onboarding.signature g where g.tenant_id = p.tenant_id and g.side = 'organization'
        order by g.version desc limit 1), '')::text as signed_by,
    (exists (select 1 from onboarding.signature g where g.tenant_id = p.tenant_id
        and g.side = 'platform'))::boolean as countersigned
from page p left join onboarding.step s on s.tenant_id = p.tenant_id
group by p.tenant_id, p.kind, p.state, p.name, p.status, p.claimed_by, p.since order by p.since, p.tenant_id;

-- QueuedEvidence are, of some applications, the answers that count by their fields, what registers said last by its
-- step, and how many others may be the same organization, of which nobody has said that they are not: applications in
-- which a number of theirs has been answered, and organizations of their name. In no order. Staff see all, others their
-- scope's own.
-- name: QueuedEvidence :many
with answered as (
    select distinct on (o.tenant_id, o.field) o.tenant_id, o.field, o.value from onboarding.answer o
    where o.tenant_id = any(@ids::uuid[]) order by o.tenant_id, o.field, o.version desc
), told_apart as (
    select l.tenant_id, l.data->>'who' as other from onboarding.log l
    where l.tenant_id = any(@ids::uuid[]) and l.kind = 'distinct'
), said as (
    select distinct on (r.tenant_id, r.step) r.tenant_id, r.step, r.facts from onboarding.check_result r
    where r.tenant_id = any(@ids::uuid[]) order by r.tenant_id, r.step, r.version desc
)
select a.tenant_id, a.kind, a.state, a.definition,
    (select coalesce(jsonb_object_agg(n.field, n.value), '{}') from answered n
        where n.tenant_id = a.tenant_id)::jsonb as answers,
    (select coalesce(jsonb_object_agg(s.step, s.facts), '{}') from said s
        where s.tenant_id = a.tenant_id)::jsonb as facts,
    ((select count(distinct o.tenant_id) from answered n join onboarding.answer o on o.field = n.field
            and o.value = n.value and o.tenant_id <> n.tenant_id
        where n.tenant_id = a.tenant_id and n.field in ('npi', 'clia', 'ccn', 'license') and n.value <> ''
            and o.tenant_id::text not in (select d.other from told_apart d where d.tenant_id = a.tenant_id))
        + (select count(*) from directory.tenant t where t.id <> a.tenant_id
            and t.id::text not in (select d.other from told_apart d where d.tenant_id = a.tenant_id)
            and lower(t.name) in (select lower(n.value) from answered n where n.tenant_id = a.tenant_id
                and n.field in ('known_as', 'name') and n.value <> '')))::bigint as similar
from onboarding.application a where a.tenant_id = any(@ids::uuid[]);

-- OnboardingFigures are how many applications wait for the staff, for whoever fills them in, and for somebody outside
-- alone; how many were decided or given back since a time, and the median of the hours from sending to that (0: none
-- was); and a number that grows with whatever happens. One row.
-- name: OnboardingFigures :one
with decided as (
    select extract(epoch from d.at - (select max(s.at) from onboarding.log s where s.tenant_id = d.tenant_id
        and s.kind = 'answered' and s.version < d.version)) / 3600 as hours
    from onboarding.log d
    where d.kind in ('approved', 'rejected', 'returned') and d.at >= sqlc.arg('since')::timestamptz
), waiting as (
    select a.status, exists (select 1 from onboarding.step s where s.tenant_id = a.tenant_id
        and s.state = 'open') as open
    from onboarding.application a where a.status in ('open', 'submitted')
)
select (select count(*) from waiting w where w.status = 'submitted') as staff,
    (select count(*) from waiting w where w.status = 'open' and w.open) as applicant,
    (select count(*) from waiting w where w.status = 'open' and not w.open) as outside,
    (select count(*) from decided) as decided,
    coalesce((select percentile_cont(0.5) within group (order by x.hours) from decided x), 0)::float8 as median_hours,
    coalesce((select sum(a.version) from onboarding.application a), 0)::bigint as events;

-- SeeApplication keeps in the audit that the scope's application was read.
-- name: SeeApplication :exec
insert into audit.event (purpose, resource, resource_id, action, outcome)
values ('administration', 'Application', (select ctx.tenant()), 'read', 'success');

-- SimilarApplications are others in which one of some fields has at some time been answered as given, the latest first.
-- name: SimilarApplications :many
select a.tenant_id, a.name, a.status, array_agg(distinct o.field)::text[] as fields
from onboarding.answer o join onboarding.application a on a.tenant_id = o.tenant_id
where o.value = any(@of_values::text[]) and o.tenant_id <> (select ctx.tenant())
    and (o.field, o.value) in (select unnest(@fields::text[]), unnest(@of_values::text[]))
group by a.tenant_id, a.name, a.status, a.created_at order by a.created_at desc, a.tenant_id limit 10;

-- SimilarOrganizations are those that are called so, and whether they have a listing in the ZIP code.
-- name: SimilarOrganizations :many
select t.id, t.slug, t.name,
    exists (select 1 from market.listing l where l.tenant_id = t.id and l.zip = sqlc.arg('zip')::text) as near
from directory.tenant t
where lower(t.name) = any(@names::text[]) and t.id <> (select ctx.tenant()) order by t.name, t.id limit 10;

-- AccountNames are the names of accounts by their ids, in no order.
-- name: AccountNames :many
select a.id, a.name from directory.account a where a.id = any(@ids::uuid[]);

-- ApprovedApplications are those that are approved and no organization yet, the oldest first.
-- name: ApprovedApplications :many
select a.tenant_id from onboarding.application a where a.status = 'approved'
order by a.submitted_at, a.tenant_id limit sqlc.arg('most');

-- ProvisionerRuns tells whether a process that makes organizations of applications runs: it has a lock that pages
-- cannot take (internal/tenancy/provision.go).
-- name: ProvisionerRuns :one
select exists (select 1 from pg_catalog.pg_locks l
    where l.locktype = 'advisory' and l.classid = 1802071652 and l.objid = 1886547830 and l.granted and l.database =
        (select d.oid from pg_catalog.pg_database d where d.datname = current_database()))::boolean as runs;
