-- RelatedPatients are those of some patients whom the reader had a reason to look at: an appointment with the reader as practitioner,
-- whenever, or with anybody on a day of the day's list, from one day to another. In no order.
-- name: RelatedPatients :many
select distinct a.account_id::uuid as patient
from appointment a
where a.account_id = any (sqlc.arg('patients')::uuid[]) and a.status not in ('held', 'lapsed')
  and (a.starts_at >= sqlc.arg('day_from')::timestamptz and a.starts_at < sqlc.arg('day_to')::timestamptz
    or a.resource_id in (select r.id from resource r join directory.membership m on m.practitioner_id = r.practitioner_id
        where m.tenant_id = (select ctx.tenant()) and m.account_id = sqlc.arg('reader')::uuid and m.ended_at is null));
