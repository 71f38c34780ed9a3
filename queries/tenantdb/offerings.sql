-- OfferingsToPublish are all offerings with what the market shows of them, in order of id.
-- name: OfferingsToPublish :many
select o.id, o.service_id, o.location_id, o.schedule_id, o.practitioner_id,
    array(select x.resource_id from offering_resource x where x.offering_id = o.id
        order by x.position)::uuid[] as resources, o.accepts_new, o.payers_accepted, o.payers_refused,
    o.payers_confirmed, o.rating, o.ratings, o.response_minutes, o.schedule_version, o.live,
    s.reason_code, s.minutes, s.price_cents, s.currency, s.telehealth, s.visit_mode,
    l.name as location, l.street, l.city, l.state, l.zip, l.lat, l.lon, l.area_km, l.zone,
    array(select f.code from location_access f where f.location_id = l.id order by f.code)::text[] as access,
    array(select f.evidence from location_access f where f.location_id = l.id
        order by f.code)::text[] as access_evidence,
    coalesce(p.name, '')::text as practitioner, coalesce(p.specialty, '')::text as specialty,
        coalesce(p.gender, '')::text as gender,
    coalesce(p.languages, l.languages)::text[] as languages, l.interpreted, p.age_from, p.age_to,
    p.valid_from, p.valid_until, l.valid_from as location_valid_from, l.valid_until as location_valid_until,
    l.insured_until
from offering o
join service s on s.id = o.service_id
join location l on l.id = o.location_id
left join practitioner p on p.id = o.practitioner_id
order by o.id;

-- AddOfferings adds offerings.
-- name: AddOfferings :exec
insert into offering (id, service_id, location_id, schedule_id, practitioner_id, accepts_new, payers_accepted,
    payers_refused, payers_confirmed,
    rating, ratings, response_minutes, live)
select r.id, r.service_id, r.location_id, r.schedule_id, r.practitioner_id, r.accepts_new, r.payers_accepted,
    r.payers_refused, r.payers_confirmed,
    r.rating, r.ratings, r.response_minutes, r.live
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, service_id uuid, location_id uuid, schedule_id uuid,
    practitioner_id uuid, accepts_new boolean,
    payers_accepted text[], payers_refused text[], payers_confirmed date, rating real, ratings integer,
        response_minutes integer, live boolean);

-- AddOfferingResources adds which resources do an offering's visits, in order of preference.
-- name: AddOfferingResources :exec
insert into offering_resource (offering_id, resource_id, position)
select r.offering_id, r.resource_id, r.position from jsonb_to_recordset(@rows::jsonb) as r(offering_id uuid,
    resource_id uuid, position smallint);

-- RequireRoom refuses with KW447 where the organization has so many of a kind already; of those that come at once a few
-- more pass.
-- name: RequireRoom :exec
select ctx.refuse('KW447') where case sqlc.arg('kind')::text
    when 'Location' then (select count(*) from location)
    when 'Practitioner' then (select count(*) from practitioner)
    when 'Service' then (select count(*) from service)
    when 'ScheduleRule' then (select count(*) from schedule_rule)
    else (select count(*) from offering) end >= sqlc.arg('most')::bigint;

-- VisitsAtRisk are the visits to come on days after whoever gives them, or their location, may: when, what, with whom
-- and where, in order of time. Nobody's record.
-- name: VisitsAtRisk :many
select a.starts_at, l.zone, s.name as service, l.name as location, coalesce(p.name, '')::text as practitioner,
    coalesce((a.starts_at at time zone l.zone)::date > least(l.valid_until, l.insured_until),
        false)::boolean as by_location
from appointment a join offering o on o.id = a.offering_id join location l on l.id = o.location_id
    join service s on s.id = o.service_id left join practitioner p on p.id = o.practitioner_id
where a.status = 'booked' and a.starts_at > now()
    and (a.starts_at at time zone l.zone)::date > least(p.valid_until, l.valid_until, l.insured_until)
order by a.starts_at, a.id limit 1000;

-- EndingLicenses are the licenses whose last day is one of some days, with how many visits are booked after it, in
-- order of day and name.
-- name: EndingLicenses :many
select l.id, l.name, l.valid_until::date as until, (
    select count(*) from appointment a join offering o on o.id = a.offering_id
    where o.location_id = l.id and a.status = 'booked' and a.starts_at > now()
        and (a.starts_at at time zone l.zone)::date > l.valid_until)::bigint as visits
from location l where l.valid_until between @since and @before
union all
select l.id, l.name || ': insurance', l.insured_until::date as until, (
    select count(*) from appointment a join offering o on o.id = a.offering_id
    where o.location_id = l.id and a.status = 'booked' and a.starts_at > now()
        and (a.starts_at at time zone l.zone)::date > l.insured_until)::bigint
from location l where l.insured_until between @since and @before
union all
select p.id, p.name, p.valid_until::date as until, (
    select count(*) from appointment a join offering o on o.id = a.offering_id
        join location l on l.id = o.location_id
    where o.practitioner_id = p.id and a.status = 'booked' and a.starts_at > now()
        and (a.starts_at at time zone l.zone)::date > p.valid_until)::bigint
from practitioner p where p.valid_until between @since and @before
order by until, name, id;
