-- UpsertChart makes this account's chart or brings it up to date, and locks it. One that says the same is only locked:
-- to write it would fold its names again, for each of its indexes. A chart that is there keeps its id, and whose it is:
-- with another name and another date of birth at once it would be somebody else's history (KW441).
-- name: UpsertChart :exec
insert into patient as chart (id, account_id, name, born, phone, email)
select @id, @account_id, @name::text, sqlc.narg('born')::date, @phone::text, @email::text
where not exists (select 1 from patient c where c.account_id = @account_id and (c.name, c.born, c.phone, c.email)
    is not distinct from (@name::text, sqlc.narg('born')::date, @phone::text, @email::text) for no key update)
on conflict (account_id) do update set born = excluded.born, phone = excluded.phone, email = excluded.email,
    name = case when chart.born <> excluded.born and lower(chart.name) <> lower(excluded.name)
        then ctx.refuse('KW441')::text else excluded.name end;

-- ChartContact is how this account is reached by its chart here. No row: it has none, or has ended its consent.
-- name: ChartContact :one
select pt.id, pt.phone, pt.email from patient pt
where pt.account_id = @account_id::uuid and not exists (select 1 from ended_consent e where e.patient_id = pt.id);

-- UpdateContact changes how somebody is reached. AuditContact goes with it.
-- name: UpdateContact :exec
update patient set phone = @phone, email = @email where id = @id and account_id = @account_id::uuid;

-- AuditContact records that a chart has followed its account.
-- name: AuditContact :exec
insert into audit.event_row as e (patient, purpose, resource, resource_id, action, fields, outcome)
values (@account_id, 'account', 'Patient', @id, 'follow', '{phone,email}', 'success')
returning e.*;

-- ChartID is the id of this account's chart. No row: it has none.
-- name: ChartID :one
select id from patient where account_id = @account_id;

-- IsExistingPatient tells whether this account has had, or will have, a visit here: what makes an existing patient.
-- name: IsExistingPatient :one
select exists (
    select 1 from appointment a where a.account_id = @account_id::uuid
        and a.status in ('booked', 'arrived', 'fulfilled')
)::boolean as known;

-- FindPatients are people on file here by the words of their name in any order, the longest of them by an index, by
-- the end of their phone number, the beginning of their address, their date of birth or a booking's reference: those
-- whose name begins so first, then in order of name. What is empty is not asked by. Whoever is found by a number or a
-- date has the words beside it in their name too. Last is when somebody came; a visit of today that nobody has marked
-- is still to come. A word begins one of the name; if the longest has two letters it is one, and of one letter nobody
-- is found. The next page goes on behind the last row of the one before. Whoever has ended their consent is not found.
-- The look is audited for each who was found.
-- name: FindPatients :many
with asked as materialized (
    select o.word
    from unnest(directory.asked_words(sqlc.arg('name')::text || ' ' || sqlc.arg('beside')::text)) as o(word)
), hit as (
    select w.patient_id as id, false as exact from patient_name_word w
    where w.word >= (select (directory.asked_words(sqlc.arg('name')::text))[1])
        and w.word < (select directory.asked_till(sqlc.arg('name')::text))
    union select pt.id, true from patient pt where sqlc.arg('phone')::text <> ''
        and pt.phone_reversed >= reverse(sqlc.arg('phone')::text)
        and pt.phone_reversed < reverse(sqlc.arg('phone')::text) || 'a'
    union select pt.id, true from patient pt where sqlc.arg('email')::text <> ''
        and pt.email_lower >= lower(sqlc.arg('email')::text)
        and pt.email_lower < lower(sqlc.arg('email')::text) || chr(1114111)
    union select pt.id, true from patient pt where pt.born = sqlc.narg('born')::date
    union select a.patient_id, true from appointment a where a.ref = sqlc.arg('ref')::text
), found as (
    select pt.id, pt.account_id, pt.name, pt.born, pt.phone,
        (not starts_with(market.fold(pt.name), market.fold(sqlc.arg('name')::text)))::int as place
    from (select hit.id, bool_or(hit.exact) as exact from hit group by hit.id) h join patient pt on pt.id = h.id
    where not exists (select 1 from ended_consent e where e.patient_id = pt.id)
        and (h.exact and sqlc.arg('beside')::text = '' or not exists (select 1 from asked o where not exists (
            select 1 from patient_name_word w where w.patient_id = pt.id and starts_with(w.word, o.word))))
), page as (
    select f.* from found f
    where (f.place, f.name, f.id) > (sqlc.arg('after_place')::int, sqlc.arg('after_name')::text,
        sqlc.arg('after_id')::uuid)
    order by f.place, f.name, f.id limit sqlc.arg('most')
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, outcome)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), page.account_id,
        sqlc.arg('purpose')::text, 'Patient', page.id, 'list', 'success' from page
)
select page.id, page.name, page.born, page.phone, page.place,
    coalesce((select max(a.starts_at) from appointment a where a.patient_id = page.id
        and a.status in ('arrived', 'fulfilled')), 'epoch')::timestamptz as last_at,
    coalesce((select min(a.starts_at) from appointment a where a.patient_id = page.id and a.status = 'booked'
        and a.starts_at >= sqlc.arg('today')::timestamptz), 'epoch')::timestamptz as next_at
from page order by page.place, page.name, page.id;

-- PatientContact is how a person on file here is reached, and when they come next. AuditPatientContact goes with it. No
-- row: nobody of this organization, or they have ended their consent.
-- name: PatientContact :one
select pt.id, pt.account_id, pt.name, pt.born, pt.phone, pt.email from patient pt
where pt.id = @id and not exists (select 1 from ended_consent e where e.patient_id = pt.id);

-- NextVisits are the next visits of a person on file here, the next one first, with what somebody who calls asks about
-- them. One of today that nobody has marked is among them, though its time has passed. At most 50.
-- name: NextVisits :many
select a.id, a.ref, a.starts_at, a.ends_at, s.name as service, s.prep, s.bring,
    coalesce(a.visit_mode, s.visit_mode)::text as visit_mode, coalesce(p.name, r.name)::text as practitioner,
    l.name as location, l.street, l.city, l.state, l.zip, l.zone
from appointment a
join offering o on o.id = a.offering_id join service s on s.id = o.service_id join location l on l.id = o.location_id
join resource r on r.id = a.resource_id
left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
where a.patient_id = @patient_id and a.status = 'booked'
    and (a.starts_at at time zone l.zone)::date >= (sqlc.arg('now')::timestamptz at time zone l.zone)::date
order by a.starts_at, a.id limit 50;

-- OtherVisits are the visits of a person on file here that are not among NextVisits, past or canceled: the ten latest,
-- the latest first.
-- name: OtherVisits :many
select a.id, a.ref, a.status, a.starts_at, s.name as service, coalesce(p.name, r.name)::text as practitioner,
    l.name as location, l.zone, coalesce(a.visit_mode, s.visit_mode)::text as visit_mode
from appointment a
join offering o on o.id = a.offering_id join service s on s.id = o.service_id join location l on l.id = o.location_id
join resource r on r.id = a.resource_id
left join practitioner p on p.id = coalesce(r.practitioner_id, o.practitioner_id)
where a.patient_id = @patient_id and a.status not in ('held', 'lapsed') and (a.status <> 'booked'
    or (a.starts_at at time zone l.zone)::date < (sqlc.arg('now')::timestamptz at time zone l.zone)::date)
order by a.starts_at desc, a.id limit 10;

-- VisitByReference is the visit that somebody reads a reference of, however it stands. After FindPatients, which audits
-- the look at whose it is. No row: it is none here, or they have ended their consent.
-- name: VisitByReference :one
select a.id, a.ref, a.status, a.starts_at, l.name as location, l.zone,
    coalesce(a.visit_mode, s.visit_mode)::text as visit_mode
from appointment a join offering o on o.id = a.offering_id join service s on s.id = o.service_id
join location l on l.id = o.location_id
where a.ref = @ref and a.status not in ('held', 'lapsed')
    and not exists (select 1 from ended_consent e where e.patient_id = a.patient_id);

-- FindCharts are the charts here that those who watch over the audit ask about, at most 20 by name, with all visits
-- of each: asked by a chart's id or the last 12 digits of it, a booking's reference, the address or, as in
-- FindPatients, the words of the name on the chart; what is null is not asked by. AuditFoundCharts goes with it.
-- name: FindCharts :many
with asked as materialized (
    select o.word from unnest(directory.asked_words(sqlc.narg('name')::text)) as o(word)
), hit as (
    select pt.id from patient pt where pt.id = sqlc.narg('id')::uuid
    union select pt.id from patient pt
    where sqlc.narg('ending')::text is not null and right(pt.id::text, 12) = sqlc.narg('ending')::text
    union select pt.id from patient pt where pt.email_lower = lower(sqlc.narg('email')::text)
    union select w.patient_id from patient_name_word w
    where w.word >= (select (directory.asked_words(sqlc.narg('name')::text))[1])
        and w.word < (select directory.asked_till(sqlc.narg('name')::text))
        and not exists (select 1 from asked o where not exists (select 1 from patient_name_word other
            where other.patient_id = w.patient_id and starts_with(other.word, o.word)))
    union select a.patient_id from appointment a where a.ref = sqlc.narg('ref')::text
)
select pt.id, pt.account_id, pt.name,
    coalesce((select array_agg(a.id) from appointment a where a.patient_id = pt.id), '{}')::uuid[] as visits
from hit h join patient pt on pt.id = h.id order by pt.name, pt.id limit 20;

-- ChartsOf are the charts here of some people, by account, chart or visit; of whom there is none there is no row. In no
-- order. AuditFoundCharts goes with it.
-- name: ChartsOf :many
select p.id::uuid as asked, pt.id, pt.account_id, pt.name
from unnest(sqlc.arg('people')::uuid[]) as p(id)
join patient pt on pt.id = p.id or pt.account_id = p.id
    or pt.id = (select a.patient_id from appointment a where a.id = p.id);

-- PatientChart is what is on file here about a person; the look is audited, and covers PatientAppointments,
-- VisitAddresses, PatientIntake and PatientConsents, which are read with it. No row: nobody of this organization, or
-- they have ended their consent.
-- name: PatientChart :one
with chart as (
    select pt.id, pt.account_id, pt.name, pt.born, pt.phone, pt.email, pt.street, pt.city, pt.state, pt.zip,
        pt.language, pt.chart_number, pt.created_at from patient pt
    where pt.id = @id and not exists (select 1 from ended_consent e where e.patient_id = pt.id)
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select chart.account_id, sqlc.arg('purpose')::text, 'Patient', chart.id, 'read',
        array['details', 'appointments', 'consents'] || case when exists (select 1 from appointment a
            where a.patient_id = chart.id and a.address_id is not null) then array['address'] else '{}' end
            || case when exists (select 1 from intake_answer i join appointment a
                on a.id = i.appointment_id where a.patient_id = chart.id) then array['intake'] else '{}' end,
        'success' from chart
)
select chart.id, chart.name, chart.born, chart.phone, chart.email, chart.street, chart.city, chart.state, chart.zip,
    chart.language, chart.chart_number, chart.created_at from chart;

-- AddPatients adds charts. A born of year 1 is none.
-- name: AddPatients :exec
insert into patient (id, account_id, name, born, phone, email, created_at)
select unnest(@ids::uuid[]), nullif(unnest(@accounts::uuid[]), '00000000-0000-0000-0000-000000000000'),
    unnest(@names::text[]),
    nullif(unnest(@born::date[]), '0001-01-01'), unnest(@phones::text[]), unnest(@emails::text[]),
        unnest(@created_at::timestamptz[]);

-- SimilarPatients are people on file here who may be somebody who is to be added: born on the same day with a word of
-- the name, or with the same phone number or email address; at most five, those of the same day of birth first, in
-- order of name. Whoever has ended their consent is not among them. AuditPatient goes with each.
-- name: SimilarPatients :many
select pt.id, pt.account_id, pt.name, pt.born, pt.phone from (
    select b.id from patient b where b.born = @born::date and exists (select 1 from patient_name_word w
        where w.patient_id = b.id and w.word = any (directory.asked_words(sqlc.arg('name')::text)))
    union select t.id from patient t where sqlc.arg('phone')::text <> ''
        and t.phone_reversed = reverse(right(sqlc.arg('phone')::text, 10))
    union select m.id from patient m where sqlc.arg('email')::text <> ''
        and m.email_lower = lower(sqlc.arg('email')::text)
) alike join patient pt on pt.id = alike.id
where not exists (select 1 from ended_consent e where e.patient_id = pt.id)
order by pt.born is distinct from @born, pt.name, pt.id limit 5;

-- LockNewPatients lets people be added one after the other, so that RequireNobodyAlike sees whoever was added
-- meanwhile.
-- name: LockNewPatients :exec
select pg_advisory_xact_lock(hashtextextended('new patients of ' || (select ctx.tenant())::text, 0));

-- RequireNobodyAlike refuses with KW443 where SimilarPatients finds somebody. After LockNewPatients.
-- name: RequireNobodyAlike :exec
select ctx.refuse('KW443') where exists (select 1 from (
    select b.id from patient b where b.born = @born::date and exists (select 1 from patient_name_word w
        where w.patient_id = b.id and w.word = any (directory.asked_words(sqlc.arg('name')::text)))
    union all select t.id from patient t where sqlc.arg('phone')::text <> ''
        and t.phone_reversed = reverse(right(sqlc.arg('phone')::text, 10))
    union all select m.id from patient m where sqlc.arg('email')::text <> ''
        and m.email_lower = lower(sqlc.arg('email')::text)
) alike where not exists (select 1 from ended_consent e where e.patient_id = alike.id));

-- InsertPatient adds the chart of somebody who has no account. AuditPatient goes with it.
-- name: InsertPatient :exec
insert into patient (id, name, born, phone, email) values (@id, @name, sqlc.narg('born')::date, @phone, @email);

-- LockPatient locks the chart of somebody on file here, so that bookings for one person pass one after the other. KW410
-- = nobody with this account, or they have ended their consent.
-- name: LockPatient :exec
select ctx.refuse('KW410') where not exists (select 1 from patient pt
    where pt.id = @id and pt.account_id is not distinct from sqlc.narg('account_id')::uuid
        and not exists (select 1 from ended_consent e where e.patient_id = pt.id) for no key update of pt);

-- AuditPatient records what was done with somebody's chart.
-- name: AuditPatient :exec
insert into audit.event_row as e (patient, purpose, resource, resource_id, action, outcome)
values (sqlc.narg('patient'), @purpose, 'Patient', @id, @action, 'success')
returning e.*;
