-- AskChange keeps what the organization asks to change. After ReplaceChange: of a subject one waits.
-- name: AskChange :exec
insert into onboarding.change (id, tenant_id, kind, subject_id, name, was, becomes, license, license_state, evidence,
    next_at, by, at)
values (@id, (select ctx.tenant()), @kind, @subject_id, @name, @was, @becomes, @license, @license_state, @evidence,
    sqlc.narg('next_at'), @by, @at);

-- ReplaceChange takes back what waits of a subject, and tells what it is. No row: nothing waits.
-- name: ReplaceChange :one
update onboarding.change c set status = 'withdrawn', next_at = null
where c.tenant_id = (select ctx.tenant()) and c.subject_id = @subject_id and c.status = 'waiting'
returning c.was, c.becomes, c.license, c.license_state, c.evidence;

-- WithdrawChange takes one back that waits. No row: none does.
-- name: WithdrawChange :one
update onboarding.change c set status = 'withdrawn', next_at = null
where c.tenant_id = (select ctx.tenant()) and c.id = @id and c.status = 'waiting' returning c.kind, c.subject_id;

-- RecentChanges are what waits of the organization, and what was decided since a time, the latest first.
-- name: RecentChanges :many
select c.id, c.kind, c.subject_id, c.name, c.was, c.becomes, c.license, c.evidence, c.said, c.status, c.reason, c.at,
    c.decided_at
from onboarding.change c
where c.tenant_id = (select ctx.tenant()) and (c.status = 'waiting'
    or c.status in ('accepted', 'refused') and c.decided_at > sqlc.arg('since')::timestamptz)
order by c.at desc, c.id limit 100;

-- DecideChange says how one that waits is decided, and by whom; nobody: the register. No row: none waits.
-- name: DecideChange :one
update onboarding.change c set status = @status, reason = @reason, next_at = null, decided_by = sqlc.narg('decided_by'),
    decided_at = sqlc.arg('decided_at')::timestamptz
where c.tenant_id = (select ctx.tenant()) and c.id = @id and c.status = 'waiting'
returning c.kind, c.subject_id, c.was, c.becomes;

-- NoteChange keeps what the register said of one that waits, and when it is asked next.
-- name: NoteChange :exec
update onboarding.change c set said = @said, next_at = sqlc.narg('next_at')
where c.tenant_id = (select ctx.tenant()) and c.id = @id and c.status = 'waiting';

-- ApplyToLocation makes a change of a location what it is; what the change does not name stays.
-- name: ApplyToLocation :execrows
update location set street = coalesce(sqlc.arg('becomes')::jsonb ->> 'street', street),
    zip = coalesce(sqlc.arg('becomes') ->> 'zip', zip), city = coalesce(sqlc.arg('becomes') ->> 'city', city),
    state = coalesce(sqlc.arg('becomes') ->> 'state', state),
    lat = coalesce((sqlc.arg('becomes') ->> 'lat')::float8, lat),
    lon = coalesce((sqlc.arg('becomes') ->> 'lon')::float8, lon),
    valid_until = coalesce((sqlc.arg('becomes') ->> 'valid_until')::date, valid_until),
    insured_until = coalesce((sqlc.arg('becomes') ->> 'insured_until')::date, insured_until)
where id = @id;

-- ApplyToPractitioner makes a change of a practitioner what they are; what the change does not name stays.
-- name: ApplyToPractitioner :execrows
update practitioner set name = coalesce(sqlc.arg('becomes')::jsonb ->> 'name', name),
    npi = coalesce(sqlc.arg('becomes') ->> 'npi', npi),
    valid_until = coalesce((sqlc.arg('becomes') ->> 'valid_until')::date, valid_until)
where id = @id;

-- RenewLocations renews all locations of the license that one of them shows: those with the same last day.
-- name: RenewLocations :exec
update location set valid_until = @until where valid_until = @was;

-- NameResources calls what is claimed of a practitioner's time as they are called.
-- name: NameResources :exec
update resource set name = @name where practitioner_id = @practitioner_id;

-- ChangeOfferings tells all offerings of a location, a practitioner or a service that they have changed: times seen
-- before are held no more.
-- name: ChangeOfferings :exec
update offering set schedule_version = schedule_version + 1
where location_id = @subject or practitioner_id = @subject or service_id = @subject;

-- AuditChange records what was done with a change that somebody asked for, and what it names.
-- name: AuditChange :exec
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
values ('administration', 'Change', @id, @action, @fields, 'success');

-- AuditUpdated records that something of what patients can book was changed.
-- name: AuditUpdated :exec
insert into audit.event (purpose, resource, resource_id, action, outcome)
values ('administration', @resource, @id, 'update', 'success');
