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
    p.valid_from, p.valid_until
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
    else (select count(*) from offering) end >= sqlc.arg('most')::bigint;
