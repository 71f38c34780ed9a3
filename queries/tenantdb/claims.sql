-- InsertClaim takes a range, unless somebody has it: RequireClaim asks. It does not raise, because of two who want the
-- same at once each would wait for the other. No seconds: it is a booking's, which does not end by itself.
-- name: InsertClaim :exec
insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state, expires_at)
values (@id, @appointment_id, @resource_id, @starts_at, @ends_at, @state,
    now() + sqlc.narg('seconds')::int * interval '1 second')
on conflict do nothing;

-- RequireClaim refuses with KW409 if InsertClaim found the range taken.
-- name: RequireClaim :exec
select ctx.refuse('KW409') where not exists (select 1 from claim where id = @id);

-- ExtendClaim keeps the claim of a hold until then.
-- name: ExtendClaim :exec
update claim set expires_at = @until where id = @id and state = 'held';

-- BookClaim makes the claim of a hold that of a booking.
-- name: BookClaim :exec
update claim set state = 'booked', expires_at = null where id = @id and state = 'held';

-- ReleaseClaim lets a claim go.
-- name: ReleaseClaim :exec
update claim set state = 'released', expires_at = null where id = @id and state in ('held', 'booked');

-- FreeResources are those of some resources whose range nobody has, once holds that ran out and one appointment's own
-- claim give way; in the order asked.
-- name: FreeResources :many
select r.id::uuid as id from unnest(@resources::uuid[]) with ordinality r (id, place)
where not exists (select 1 from claim c
    where c.resource_id = r.id and c.state in ('held', 'booked') and c.starts_at < @claim_ends_at
      and c.starts_at > sqlc.arg('claim_starts_at')::timestamptz - interval '1 day' and c.ends_at > @claim_starts_at
      and (c.expires_at is null or c.expires_at > now()) and c.appointment_id <> @appointment_id)
order by r.place;

-- AddClaims adds booked claims and their public shadows.
-- name: AddClaims :exec
with claimed as (
    insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state)
    select unnest(@ids::uuid[]), unnest(@appointments::uuid[]), unnest(@resources::uuid[]),
        unnest(@starts::timestamptz[]), unnest(@ends::timestamptz[]), 'booked'
    returning id, resource_id, starts_at, ends_at
)
insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at)
select claimed.id, (select ctx.tenant()), claimed.resource_id, claimed.starts_at, claimed.ends_at from claimed;

-- ClaimsOfResources are what takes the time of some resources in a range: whose time, from when until when, held or
-- booked, and for which visit; in order of time. Nobody's record.
-- name: ClaimsOfResources :many
select c.starts_at, c.ends_at, c.state, c.appointment_id, r.name as resource, a.ref, a.starts_at as visit_at
from claim c join resource r on r.id = c.resource_id join appointment a on a.id = c.appointment_id
where c.resource_id = any(@resources::uuid[]) and c.state in ('held', 'booked')
    and c.starts_at > sqlc.arg('since')::timestamptz - interval '1 day' and c.ends_at > @since and c.starts_at < @until
    and (c.expires_at is null or c.expires_at > now())
order by c.starts_at, c.id limit 1000;
