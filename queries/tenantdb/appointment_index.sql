-- market.appointment_index is where a person's appointments are, across organizations: ids and times.

-- IndexAppointment lets its account find a booking, and the platform's staff by its reference. KW429 = the account has
-- as many visits to come at all organizations as it may have. After LockHold, which names the account: what it books
-- elsewhere at the same moment counts.
-- name: IndexAppointment :exec
with reference as (
    insert into market.appointment_reference (ref, tenant_id, appointment_id) values (@ref, ctx.tenant(), @id)
)
insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at)
select @id, ctx.tenant(), @account_id, @starts_at
where case when (select count(*) from market.appointment_index i where i.account_id = @account_id
    and i.starts_at > now() and not i.cancelled) < sqlc.arg('most')::int then true else ctx.refuse('KW429') end;

-- CancelIndexed is IndexAppointment for a booking that is canceled: its account finds it still, and it counts no more.
-- name: CancelIndexed :exec
update market.appointment_index set cancelled = true
where tenant_id = (select ctx.tenant()) and appointment_id = @id;

-- IndexReferences lets the platform's staff find appointments by their references.
-- name: IndexReferences :exec
insert into market.appointment_reference (ref, tenant_id, appointment_id)
select unnest(@refs::text[]), (select ctx.tenant()), unnest(@ids::uuid[])
on conflict do nothing;

-- MoveIndexed is IndexAppointment for a booking that has moved.
-- name: MoveIndexed :exec
update market.appointment_index set starts_at = @starts_at
where tenant_id = (select ctx.tenant()) and appointment_id = @id;
