-- PlaceHold takes a time for a person who holds nothing here: the claim decides. This is the common way; whoever is
-- refused looks again. Nothing is written unless all of it is: KW409 = the range is taken or the person holds
-- something, KW412 = the offering or its rules have changed. Everywhere the appointment is locked before the claim, so
-- that neighbors queue and do not deadlock.
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

-- HoldConflict is what a refused hold finds when it looks again: the person's own hold here, whether that is the same
-- time of the same offering, and which of the resources are free once the person's own hold and dead ones give way, in
-- the order asked.
-- name: HoldConflict :one
select own.id, own.held_until,
    coalesce(own.offering_id = @offering_id and own.starts_at = @starts_at and own.held_until > now(),
        false)::boolean as same,
    array(select r.id from unnest(@resources::uuid[]) with ordinality r (id, place)
        where not exists (select 1 from claim c
            where c.resource_id = r.id and c.state in ('held', 'booked') and c.starts_at < @claim_ends_at
              and c.starts_at > sqlc.arg('claim_starts_at')::timestamptz - interval '1 day'
                  and c.ends_at > @claim_starts_at
              and (c.expires_at is null or c.expires_at > now()) and c.appointment_id is distinct from own.id)
        order by r.place)::uuid[] as free
from (select) asked left join appointment own on own.holder = @holder and own.status = 'held';

-- ReplaceHold takes a time like PlaceHold, after dead holds on the range and the person's hold of another time here
-- have given way. Nothing gives way unless the claim succeeds. KW409 also where another tab was faster: look again.
-- name: ReplaceHold :one
with offer as (
    select o.id, s.price_cents, s.currency
    from offering o join service s on s.id = o.service_id
    where o.id = @offering_id and o.schedule_version = @schedule_version and o.live
      and exists (select 1 from offering_resource x where x.offering_id = o.id and x.resource_id = @resource_id::uuid)
), lapsed as (
    update appointment a set status = 'lapsed', updated_at = now()
    where a.status = 'held' and exists (select 1 from offer)
      and (a.holder = @holder and not (a.offering_id = @offering_id and a.starts_at = @starts_at
          and a.held_until > now())
        or a.held_until <= now() and a.id in (
          select c.appointment_id from claim c
          where c.resource_id = @resource_id and c.state = 'held' and c.starts_at < @claim_ends_at
              and c.starts_at > sqlc.arg('claim_starts_at')::timestamptz - interval '1 day'
                  and c.ends_at > @claim_starts_at))
    returning a.id, a.resource_id
), released as (
    update claim set state = 'released', expires_at = null
    where state = 'held' and appointment_id in (select lapsed.id from lapsed)
    returning id, appointment_id, starts_at, ends_at
), freed as (
    delete from market.busy where id in (select released.id from released) and tenant_id = (select ctx.tenant())
        returning id
), held as (
    insert into appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at,
        price_cents, currency, cancel_cutoff_minutes, move_cutoff_minutes)
    select @appointment_id, @ref, offer.id, 'held', @holder,
        now() + sqlc.arg('hold_seconds')::int * interval '1 second', @resource_id, @starts_at, @ends_at,
        offer.price_cents, offer.currency, @cancel_cutoff_minutes, @move_cutoff_minutes
    from offer where (select count(*) from lapsed) >= 0
    on conflict (holder) where status = 'held' do nothing
    returning id, held_until
), claimed as (
    insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state, expires_at)
    select @claim_id::uuid, held.id, @resource_id, @claim_starts_at::timestamptz, @claim_ends_at::timestamptz, 'held',
        held.held_until
    from held where (select count(*) from released) >= 0
    on conflict do nothing
    returning id, resource_id, starts_at, ends_at, expires_at
), shadow as (
    insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at, expires_at)
    select id, (select ctx.tenant()), @resource_id, @claim_starts_at, @claim_ends_at, expires_at
    from claimed where (select count(*) from freed) >= 0
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.released', lapsed.id, jsonb_build_object('resource', lapsed.resource_id, 'claim', released.id,
        'start', released.starts_at, 'end', released.ends_at)
    from lapsed left join released on released.appointment_id = lapsed.id
    union all
    select 'appointment.held', @appointment_id, jsonb_build_object('resource', resource_id, 'claim', id,
        'start', starts_at, 'end', ends_at, 'until', expires_at)
    from claimed
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'booking', 'Appointment', id, 'lapse hold', 'success' from lapsed
    union all
    select 'booking', 'Appointment', @appointment_id, 'hold', 'success' from claimed
)
select coalesce((select expires_at from claimed), now())::timestamptz as held_until,
    case when exists (select 1 from claimed) then true
         when exists (select 1 from offer) then ctx.refuse('KW409')
         else ctx.refuse('KW412') end::boolean as held;

-- HoldPage is the hold with everything its page says, if it is this person's; a lapsed one too, so that the page can
-- say so.
-- name: HoldPage :one
select a.id, a.ref, a.status, a.holder, a.held_until, a.extended, a.resource_id, a.starts_at, a.ends_at, a.price_cents,
    a.currency,
    a.cancel_cutoff_minutes, a.move_cutoff_minutes,
    greatest(0, ceil(extract(epoch from a.held_until - now())))::int as seconds_left,
    o.id as offering_id, o.payers_accepted, o.payers_refused, o.accepts_new,
    s.name as service, s.reason_code, s.minutes, s.prep, s.bring,
    l.name as location, l.street, l.city, l.state, l.zip, l.zone, l.directions, l.area_km,
    coalesce(p.name, '')::text as practitioner
from appointment a
join offering o on o.id = a.offering_id
join service s on s.id = o.service_id
join location l on l.id = o.location_id
left join practitioner p on p.id = o.practitioner_id
where a.id = @id and a.holder = @holder;

-- HoldTerms is as much of a hold as confirming it needs: less to plan than its page. No row: not this person's.
-- name: HoldTerms :one
select o.accepts_new, o.payers_accepted
from appointment a join offering o on o.id = a.offering_id
where a.id = @id and a.holder = @holder;

-- ExtendHold gives more time once, while the hold lives; no row means it was extended before or is gone.
-- name: ExtendHold :one
with extended as (
    update appointment a set extended = true,
        held_until = a.held_until + sqlc.arg('more_seconds')::int * interval '1 second', updated_at = now()
    where a.id = @id and a.holder = @holder and a.status = 'held' and a.held_until > now() and not a.extended
    returning a.id, a.held_until
), claims as (
    update claim c set expires_at = e.held_until from extended e
    where c.appointment_id = e.id and c.state = 'held'
    returning c.id, c.appointment_id, c.resource_id, c.starts_at, c.ends_at, c.expires_at
), shadow as (
    update market.busy b set expires_at = c.expires_at from claims c where b.id = c.id
        and b.tenant_id = (select ctx.tenant())
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.extended', appointment_id, jsonb_build_object('resource', resource_id, 'claim', id,
        'start', starts_at, 'end', ends_at, 'until', expires_at)
    from claims
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'booking', 'Appointment', id, 'extend hold', 'success' from extended
)
select held_until from extended;

-- ReleaseHold lets the time go; no row means there was nothing to let go.
-- name: ReleaseHold :one
with lapsed as (
    update appointment a set status = 'lapsed', updated_at = now()
    where a.id = @id and a.holder = @holder and a.status = 'held'
    returning a.id, a.resource_id
), released as (
    update claim set state = 'released', expires_at = null
    where state = 'held' and appointment_id in (select lapsed.id from lapsed)
    returning id, appointment_id, starts_at, ends_at
), freed as (
    delete from market.busy where id in (select released.id from released) and tenant_id = (select ctx.tenant())
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.released', lapsed.id, jsonb_build_object('resource', lapsed.resource_id, 'claim', released.id,
        'start', released.starts_at, 'end', released.ends_at)
    from lapsed left join released on released.appointment_id = lapsed.id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'booking', 'Appointment', id, 'release hold', 'success' from lapsed
)
select id from lapsed;

-- LapseDeadHolds ends holds that ran out, so that their events are told even if nobody wants the time.
-- name: LapseDeadHolds :execrows
with lapsed as (
    update appointment set status = 'lapsed', updated_at = now()
    where status = 'held' and held_until <= now()
    returning id, resource_id
), released as (
    update claim set state = 'released', expires_at = null
    where state = 'held' and appointment_id in (select lapsed.id from lapsed)
    returning id, appointment_id, starts_at, ends_at
), freed as (
    delete from market.busy where id in (select released.id from released) and tenant_id = (select ctx.tenant())
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'booking', 'Appointment', id, 'lapse hold', 'success' from lapsed
)
insert into outbox.event (kind, subject_id, data)
select 'appointment.released', lapsed.id, jsonb_build_object('resource', lapsed.resource_id, 'claim', released.id,
    'start', released.starts_at, 'end', released.ends_at)
from lapsed left join released on released.appointment_id = lapsed.id;

-- ConfirmHold turns the person's living hold into the booking, with chart, consent, answer, audit and event in one
-- statement. KW410 = the hold is gone; KW208 = this request key was answered before (read StoredAnswer). The chart's
-- lock makes two bookings of one person queue; the second does not see the first's appointment, but that the chart is
-- another version than it saw when it began: it did not come alone, so the person is not new any more.
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
