-- WaitingChanges are what organizations ask to change and nobody has decided, the oldest first, a page of them behind
-- one (none: the first).
-- name: WaitingChanges :many
select c.id, c.kind, c.name, c.was, c.becomes, c.license, c.license_state, c.evidence, c.said, c.at, c.by,
    t.name as organization, t.slug
from onboarding.change c join directory.tenant t on t.id = c.tenant_id
where c.status = 'waiting' and (sqlc.narg('after')::uuid is null or (c.at, c.id) >
    (select b.at, b.id from onboarding.change b where b.id = sqlc.narg('after')::uuid))
order by c.at, c.id limit sqlc.arg('most');

-- CountWaitingChanges is how many there are on all pages.
-- name: CountWaitingChanges :one
select count(*) from onboarding.change c where c.status = 'waiting';

-- ChangeOrganization is whose a change is. No row: there is none of that id.
-- name: ChangeOrganization :one
select c.tenant_id from onboarding.change c where c.id = @id;

-- ChangeEnding is how a change was decided, and by whom; by nobody: the register.
-- name: ChangeEnding :one
select c.status, c.by, c.decided_by from onboarding.change c where c.id = @id;

-- DueChanges are those about which the register of licenses is to be asked now, the longest due first.
-- name: DueChanges :many
select c.id, c.tenant_id, c.kind, c.name, c.license, c.license_state, (c.becomes ->> 'valid_until')::text as until
from onboarding.change c
where c.status = 'waiting' and c.next_at <= sqlc.arg('now')::timestamptz order by c.next_at, c.id limit 50;
