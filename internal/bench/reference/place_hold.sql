-- PlaceHold as it was when the unit was defined. It follows the schema where it must, and better SQL never.
with offer as (
    select o.id, s.price_cents, s.currency
    from offering o join service s on s.id = o.service_id
    where o.id = @offering_id and o.schedule_version = @schedule_version and o.live
      and exists (select 1 from offering_resource x where x.offering_id = o.id and x.resource_id = @resource_id::uuid)
), held as (
    insert into appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at,
        price_cents, currency, cancel_cutoff_minutes, move_cutoff_minutes)
    select @appointment_id, @ref, offer.id, 'held', @holder,
        now() + @hold_seconds::int * interval '1 second', @resource_id, @starts_at, @ends_at,
        offer.price_cents, offer.currency, @cancel_cutoff_minutes, @move_cutoff_minutes
    from offer
    on conflict (holder) where status = 'held' do nothing
    returning id, held_until
), claimed as (
    insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state, expires_at)
    select @claim_id::uuid, held.id, @resource_id, @claim_starts_at::timestamptz, @claim_ends_at::timestamptz, 'held',
        held.held_until
    from held
    on conflict do nothing
    returning id, expires_at
), shadow as (
    insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at, expires_at)
    select id, (select ctx.tenant()), @resource_id, @claim_starts_at, @claim_ends_at, expires_at from claimed
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.held', @appointment_id, jsonb_build_object('resource', @resource_id) from claimed
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'booking', 'Appointment', @appointment_id, 'hold', 'success' from claimed
)
select coalesce((select expires_at from claimed), now())::timestamptz as held_until,
    case when exists (select 1 from claimed) then true
         when exists (select 1 from offer) then ctx.refuse('KW409')
         else ctx.refuse('KW412') end::boolean as held;
