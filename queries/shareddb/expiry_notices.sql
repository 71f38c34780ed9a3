-- NoteExpiries keeps of which ends of licenses the scope's organization is told now, and gives those of which it was
-- not told before.
-- name: NoteExpiries :many
insert into onboarding.expiry_notice (tenant_id, subject_id, until, days, at)
select (select ctx.tenant()), n.subject_id, n.until, n.days, sqlc.arg('at')::timestamptz
from (select unnest(@subjects::uuid[]) as subject_id, unnest(@untils::date[]) as until,
    unnest(sqlc.arg('days')::int[]) as days) n
on conflict do nothing returning subject_id;
