-- The statements that hold and confirm as one with many parts: what the bench measures against. The product sends
-- those of holds.sql and its neighbors.

-- name: PlaceHold :one
with offer as (
    select o.id, s.price_cents, s.currency
    from offering o join service s on s.id = o.service_id
    where o.id = @offering_id and o.schedule_version = @schedule_version and o.live
      and exists (select 1 from offering_resource x where x.offering_id = o.id and x.resource_id = @resource_id::uuid)
), held as (
    insert into appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at,
        price_cents, currency, cancel_cutoff_minutes, move_cutoff_minutes)
    select @appointment_id, @ref, offer.id, 'held', @holder,
        now() + sqlc.arg('hold_seconds')::int * interval '1 second', @resource_id, @starts_at, @ends_at,
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
    returning id, resource_id, starts_at, ends_at, expires_at
), shadow as (
    insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at, expires_at)
    select id, (select ctx.tenant()), @resource_id, @claim_starts_at, @claim_ends_at, expires_at from claimed
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.held', @appointment_id, jsonb_build_object('resource', resource_id, 'claim', id,
        'start', starts_at, 'end', ends_at, 'until', expires_at)
    from claimed
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'booking', 'Appointment', @appointment_id, 'hold', 'success' from claimed
)
select coalesce((select expires_at from claimed), now())::timestamptz as held_until,
    case when exists (select 1 from claimed) then true
         when exists (select 1 from offer) then ctx.refuse('KW409')
         else ctx.refuse('KW412') end::boolean as held;

-- name: ConfirmHold :one
with keyed as (
    insert into request_key (key, body_hash, subject, status, location)
    values (@request_key, @body_hash, @account_id::uuid, 303, @answer)
    on conflict do nothing
    returning key
), known as (
    select p.id, p.xmin::text as version from keyed, patient p where p.account_id = @account_id for no key update of p
), chart as (
    insert into patient (id, account_id, name, born, phone, email)
    select @patient_id::uuid, @account_id, @name, sqlc.narg('born')::date, @phone, @email from keyed left
        join known on true
    on conflict (account_id) do update set name = excluded.name, born = excluded.born, phone = excluded.phone,
        email = excluded.email
    returning id
), alone as (
    select case when exists (select 1 from known) then (select known.version from known) = (select p.xmin::text
        from patient p where p.account_id = @account_id)
        else chart.id = @patient_id end as yes
    from chart
), booked as (
    update appointment a set status = 'booked', held_until = null, account_id = @account_id, patient_id = chart.id,
        note = @note,
        payer_id = @payer_id, booked_at = now(), updated_at = now(),
        is_new = alone.yes and not exists (select 1 from appointment earlier where earlier.patient_id = chart.id
            and earlier.status in ('booked', 'arrived', 'fulfilled'))
    from chart, alone
    where a.id = @id and a.holder = @holder and a.status = 'held' and a.held_until > now()
    returning a.id, a.ref, a.starts_at, a.resource_id, chart.id as patient_id
), claims as (
    update claim c set state = 'booked', expires_at = null from booked
    where c.appointment_id = booked.id and c.state = 'held'
    returning c.id, c.appointment_id, c.starts_at, c.ends_at
), shadow as (
    update market.busy b set expires_at = null from claims where b.id = claims.id
        and b.tenant_id = (select ctx.tenant())
), indexed as (
    insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at)
    select id, (select ctx.tenant()), @account_id, starts_at from booked
), agreed as (
    insert into consent (id, patient_id, purpose, version, text_hash, state)
    select @consent_id::uuid, patient_id, 'share', @consent_version, @consent_hash, 'granted' from booked
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.booked', booked.id, jsonb_build_object('resource', booked.resource_id, 'claim', claims.id,
        'start', claims.starts_at, 'end', claims.ends_at)
    from booked left join claims on claims.appointment_id = booked.id
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select @account_id, 'booking', 'Appointment', id, 'book', '{name,born,phone,email,note,payer}', 'success'
        from booked
)
select coalesce((select ref from booked), '')::text as ref,
    case when exists (select 1 from booked) then true
         when exists (select 1 from keyed) then ctx.refuse('KW410')
         else ctx.refuse('KW208') end::boolean as booked;
