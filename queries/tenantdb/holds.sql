-- The statements of a hold. Those that write go out together, in one transaction; each sees what those before it did.
-- Everywhere the appointment is locked before the claim, so that neighbors queue and do not deadlock.

-- RequireOffering refuses with KW412 unless the offering is on the market with just these rules, this price and this
-- resource, and on that day whoever gives the service, and the location, may.
-- name: RequireOffering :exec
select ctx.refuse('KW412') where not exists (
    select 1 from offering o join service s on s.id = o.service_id join location l on l.id = o.location_id
    join offering_resource x on x.offering_id = o.id and x.resource_id = @resource_id
    left join practitioner p on p.id = o.practitioner_id
    cross join lateral (select (sqlc.arg('starts_at')::timestamptz at time zone l.zone)::date as day) visit
    where o.id = @offering_id and o.schedule_version = @schedule_version and o.live and s.currency = @currency
        and s.price_cents is not distinct from sqlc.narg('price_cents')::bigint
        and visit.day >= coalesce(greatest(p.valid_from, l.valid_from), '-infinity')
        and visit.day <= coalesce(least(p.valid_until, l.valid_until, l.insured_until), 'infinity'));

-- InsertHold keeps a time for a person, by the database's clock. A unique violation: the person holds something here.
-- name: InsertHold :exec
insert into appointment (id, ref, offering_id, status, holder, held_by, held_network, held_until, resource_id,
    starts_at, ends_at, price_cents, currency, cancel_cutoff_minutes, move_cutoff_minutes)
values (@id, @ref, @offering_id, 'held', @holder, sqlc.narg('held_by'), sqlc.narg('held_network'),
    now() + sqlc.arg('seconds')::int * interval '1 second', @resource_id, @starts_at, @ends_at,
    sqlc.narg('price_cents'), @currency, @cancel_cutoff_minutes, @move_cutoff_minutes);

-- LockHoldCounts makes those whose holds count together queue until the end of the transaction. The keys come sorted,
-- so that two who share several do not wait for each other.
-- name: LockHoldCounts :exec
select pg_advisory_xact_lock(k) from unnest(@keys::bigint[]) k;

-- RequireHoldShare refuses a hold, which is there already, if others of its kind hold as many from its network as it
-- may have here (KW415), or if visitors hold as many of its offering's times in the days around it as they may (KW416).
-- After LockHoldCounts.
-- name: RequireHoldShare :exec
select case
    when (select count(*) from appointment a where a.status = 'held' and a.held_until > now() and a.held_by = h.held_by
        and a.held_network = h.held_network) > sqlc.arg('most_of_network')::int then ctx.refuse('KW415')
    when h.held_by = 'visitor' and (select count(*) from appointment a where a.status = 'held' and a.held_until > now()
        and a.held_by = 'visitor' and a.offering_id = h.offering_id and a.starts_at >= sqlc.arg('since')::timestamptz
        and a.starts_at < sqlc.arg('before')::timestamptz) > sqlc.arg('most_of_visitors')::int then ctx.refuse('KW416')
end from appointment h where h.id = @id;

-- NextHoldEnd is when the next of the holds ends here that count with one of these: from a network, of an offering's
-- times; and whom to call about that offering.
-- name: NextHoldEnd :one
select coalesce(min(a.held_until), now())::timestamptz as held_until, coalesce((select l.phone from offering o
    join location l on l.id = o.location_id where o.id = @offering_id), '')::text as phone
from appointment a
where a.status = 'held' and a.held_until > now() and (a.held_network = sqlc.narg('held_network')::bytea
    or a.held_by = 'visitor' and a.offering_id = @offering_id);

-- DayHolds are the living holds of times on one day, each in its location's own zone, in order of time: what is held,
-- by what kind of person, since when and until when. Nobody's record.
-- name: DayHolds :many
select a.id, a.starts_at, a.created_at, a.held_until, coalesce(a.held_by, '')::text as held_by, s.name as service,
    coalesce(p.name, r.name)::text as practitioner, l.name as location, l.zone
from appointment a join offering o on o.id = a.offering_id join service s on s.id = o.service_id
    join location l on l.id = o.location_id join resource r on r.id = a.resource_id
    left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
where a.status = 'held' and a.held_until > now() and (a.starts_at at time zone l.zone)::date = sqlc.arg('day')::date
order by a.starts_at, a.id limit 500;

-- HoldToFree is a hold with its claim, whoever holds it, whether it lives, and of which time it is: one that ended has
-- no claim. No row: it never was.
-- name: HoldToFree :one
select a.id, a.holder, a.resource_id, a.status = 'held' and a.held_until > now() as living, c.id as claim_id,
    c.starts_at, c.ends_at, a.starts_at as begins_at, l.zone
from appointment a join offering o on o.id = a.offering_id join location l on l.id = o.location_id
left join claim c on c.appointment_id = a.id and c.state = 'held'
where a.id = @id;

-- HoldConflict is what a refused hold finds when it looks again: the person's own hold here with its claim, whether it
-- is the same time of the same offering, and which of the resources are free once the person's own hold and dead ones
-- give way, in the order asked.
-- name: HoldConflict :one
select own.id, own.ref, own.held_until, taken.id as claim_id, taken.resource_id, taken.starts_at, taken.ends_at,
    coalesce(own.offering_id = @offering_id and own.starts_at = @starts_at and own.held_until > now()
        and taken.id is not null, false)::boolean as same,
    array(select r.id from unnest(@resources::uuid[]) with ordinality r (id, place)
        where not exists (select 1 from claim c
            where c.resource_id = r.id and c.state in ('held', 'booked') and c.starts_at < @claim_ends_at
              and c.starts_at > sqlc.arg('claim_starts_at')::timestamptz - interval '1 day'
                  and c.ends_at > @claim_starts_at
              and (c.expires_at is null or c.expires_at > now()) and c.appointment_id is distinct from own.id)
        order by r.place)::uuid[] as free
from (select) asked left join appointment own on own.holder = @holder and own.status = 'held'
    left join claim taken on taken.appointment_id = own.id and taken.state = 'held';

-- HoldsInTheWay are the holds that end for somebody who takes a range of a resource: the holder's own here, unless it
-- lives and is of this very time, and those on the range that ran out. In order of id, in which they are locked.
-- name: HoldsInTheWay :many
select a.id, a.resource_id, c.id as claim_id, c.starts_at, c.ends_at
from appointment a join claim c on c.appointment_id = a.id and c.state = 'held'
where a.status = 'held' and (a.holder = sqlc.narg('holder')::uuid
        and not (a.offering_id = @offering_id and a.starts_at = @visit_starts_at and a.held_until > now())
    or a.held_until <= now() and c.resource_id = @resource_id and c.starts_at < @claim_ends_at
        and c.starts_at > sqlc.arg('claim_starts_at')::timestamptz - interval '1 day' and c.ends_at > @claim_starts_at)
order by a.id;

-- DeadHolds are holds that ran out, the longest ago first.
-- name: DeadHolds :many
select a.id, a.resource_id, c.id as claim_id, c.starts_at, c.ends_at
from appointment a join claim c on c.appointment_id = a.id and c.state = 'held'
where a.status = 'held' and a.held_until <= now() order by a.held_until, a.id limit 1000;

-- HoldFacts is what is to be known of this person's hold before something is done with it. No row: there is none.
-- name: HoldFacts :one
select a.id, a.ref, a.held_until, a.extended, a.held_until > now() as living, a.resource_id,
    a.starts_at as visit_starts_at, c.id as claim_id, c.starts_at, c.ends_at
from appointment a join claim c on c.appointment_id = a.id and c.state = 'held'
where a.id = @id and a.holder = @holder and a.status = 'held';

-- HoldOfClaim is the hold to which a claim belongs, with its holder, its time and its zone. No row: it has ended.
-- name: HoldOfClaim :one
select a.id, a.holder, a.starts_at, l.zone
from claim c join appointment a on a.id = c.appointment_id join offering o on o.id = a.offering_id
    join location l on l.id = o.location_id
where c.id = @id and c.state = 'held' and a.status = 'held' and a.held_until > now();

-- LockHold locks this person's living hold with these facts. KW410 = there is none. Those who name an account queue for
-- it until the end of the transaction, at whatever organization.
-- name: LockHold :exec
select ctx.refuse('KW410') where not exists (
    select 1 from appointment a join claim c on c.appointment_id = a.id and c.id = @claim_id and c.state = 'held'
        cross join pg_advisory_xact_lock(hashtextextended('bookings ' || sqlc.narg('account_id')::uuid::text, 0))
    where a.id = @id and a.ref = @ref and a.holder = @holder and a.status = 'held' and a.held_until > now()
        and a.starts_at = @starts_at and a.resource_id = @resource_id
    for update of a);

-- LockEndingHold locks a hold that its holder lets go, or that ran out. KW409 = there is none any more: look again.
-- name: LockEndingHold :exec
select ctx.refuse('KW409') where not exists (
    select 1 from appointment a join claim c on c.appointment_id = a.id and c.id = @claim_id and c.state = 'held'
    where a.id = @id and a.status = 'held' and (a.holder = sqlc.narg('holder')::uuid or a.held_until <= now())
    for update of a);

-- LapseHold ends a locked hold.
-- name: LapseHold :exec
update appointment set status = 'lapsed', held_by = null, held_network = null, updated_at = now()
where id = @id and status = 'held';

-- TakeHold says what kind of person has a locked hold now.
-- name: TakeHold :exec
update appointment set held_by = @held_by, updated_at = now() where id = @id and status = 'held';

-- RequireNotExtended refuses with KW410 a hold that has had its extension.
-- name: RequireNotExtended :exec
select ctx.refuse('KW410') from appointment where id = @id and extended;

-- ExtendHold gives a locked hold more time.
-- name: ExtendHold :exec
update appointment set extended = true, held_until = @until, updated_at = now() where id = @id and status = 'held';

-- RequireTerms refuses a plan that the offering of this hold refuses, or that nobody knows (KW413), a person who was
-- never here where no new patients are taken (KW414), a visit at home without an address (KW440), and an account that
-- has as many visits to come here as it may have: on that day (KW418), or in all (KW419). No plan: nothing to refuse.
-- On a day on which whoever gives the service, or the location, may not any more it is KW412.
-- After UpsertChart: what the same account books here at the same moment counts.
-- name: RequireTerms :exec
select case
    when sqlc.narg('plan')::text is not null and sqlc.narg('plan')::text <> all (o.payers_accepted)
        and (sqlc.narg('plan')::text = any (o.payers_refused) or not sqlc.arg('plan_known')::boolean)
        then ctx.refuse('KW413')
    when not o.accepts_new and not exists (select 1 from appointment v where v.account_id = @account_id::uuid
        and v.status in ('booked', 'arrived', 'fulfilled')) then ctx.refuse('KW414')
    when s.visit_mode = 'home' and not sqlc.arg('has_address')::boolean then ctx.refuse('KW440')
    when own.that_day >= sqlc.arg('most_of_day')::int then ctx.refuse('KW418')
    when own.here >= sqlc.arg('most_here')::int then ctx.refuse('KW419')
    when (a.starts_at at time zone l.zone)::date > least(p.valid_until, l.valid_until, l.insured_until)
        then ctx.refuse('KW412')
end
from appointment a join offering o on o.id = a.offering_id join location l on l.id = o.location_id
join service s on s.id = o.service_id left join practitioner p on p.id = o.practitioner_id
cross join lateral (
    select count(*) as here, count(*) filter (where (v.starts_at at time zone l.zone)::date
        = (a.starts_at at time zone l.zone)::date) as that_day
    from appointment v where v.account_id = @account_id and v.status = 'booked' and v.starts_at > now()) own
where a.id = @id;

-- RequireTermsOfPatient refuses for somebody on file, for whom the organization books, a plan that the offering of this
-- hold refuses, or that nobody knows (KW413), somebody who was never here where no new patients are taken (KW414), and
-- a visit at home, whose address only the patient gives (KW440). After LockPatient.
-- name: RequireTermsOfPatient :exec
select case
    when sqlc.narg('plan')::text is not null and sqlc.narg('plan')::text <> all (o.payers_accepted)
        and (sqlc.narg('plan')::text = any (o.payers_refused) or not sqlc.arg('plan_known')::boolean)
        then ctx.refuse('KW413')
    when not o.accepts_new and not exists (select 1 from appointment v where v.patient_id = @patient_id::uuid
        and v.status in ('booked', 'arrived', 'fulfilled')) then ctx.refuse('KW414')
    when s.visit_mode = 'home' then ctx.refuse('KW440')
end
from appointment a join offering o on o.id = a.offering_id join service s on s.id = o.service_id
where a.id = @id;

-- BookHold turns a locked hold into the booking. After UpsertChart: bookings of one person queue for the chart, so the
-- second sees the first, and only one of them is new.
-- name: BookHold :exec
update appointment a set status = 'booked', held_until = null, held_by = null, held_network = null,
    account_id = @account_id, patient_id = @patient_id, note = @note, payer_id = @payer_id, booked_at = now(),
    visit_mode = sqlc.narg('visit_mode'), address_id = sqlc.narg('address_id'), booked_by = sqlc.narg('booked_by'),
    updated_at = now(),
    is_new = not exists (select 1 from appointment earlier where earlier.patient_id = @patient_id
        and earlier.status in ('booked', 'arrived', 'fulfilled'))
where a.id = @id and a.status = 'held';

-- HoldPage is the hold with everything its page says, if it is this person's; a lapsed one too, so that the page can
-- say so.
-- name: HoldPage :one
select a.id, a.ref, a.status, a.holder, a.held_until, a.extended, a.resource_id, a.starts_at, a.ends_at, a.price_cents,
    a.currency,
    a.cancel_cutoff_minutes, a.move_cutoff_minutes,
    greatest(0, ceil(extract(epoch from a.held_until - now())))::int as seconds_left,
    coalesce(extract(epoch from a.held_until - a.created_at), 0)::int as seconds_in_all,
    o.id as offering_id, o.payers_accepted, o.payers_refused, o.payers_confirmed, o.accepts_new,
    s.name as service, s.reason_code, s.minutes, s.prep, s.bring, s.visit_mode, s.telehealth,
    l.name as location, l.street, l.city, l.state, l.zip, l.zone, l.directions, l.phone as location_phone,
    l.lat, l.lon, l.area_km, coalesce(p.name, '')::text as practitioner
from appointment a
join offering o on o.id = a.offering_id
join service s on s.id = o.service_id
join location l on l.id = o.location_id
left join practitioner p on p.id = o.practitioner_id
where a.id = @id and a.holder = @holder;
