-- AddImport begins an import.
-- name: AddImport :exec
insert into import_batch (id, kind, file_name, header, fields, sheets, file, created_by, created_at)
values (@id, @kind, @file_name, coalesce(@header::text[], '{}'), coalesce(@fields::text[], '{}'), @sheets, @file,
    @created_by, @created_at);

-- ImportFile is a workbook that is kept until somebody says which of its sheets is meant; without sheets none is. No
-- row: there is no import of this id here.
-- name: ImportFile :one
select b.sheets, b.file from import_batch b where b.id = @id;

-- SetImportSheet says which sheet of a workbook is meant, and what its columns are, and forgets the others.
-- name: SetImportSheet :exec
update import_batch set file_name = file_name || ', ' || sqlc.arg('sheet')::text, header = @header, fields = @fields,
    sheets = '{}', file = null where id = @id;

-- AddImportRows keeps rows of a file as they stand there.
-- name: AddImportRows :exec
insert into import_row (batch_id, line, cells)
select @batch_id::uuid, r.line, r.cells from jsonb_to_recordset(@records::jsonb) as r(line integer, cells text[]);

-- Imports are the organization's imports, the latest first, at most so many.
-- name: Imports :many
select b.id, b.kind, b.file_name, b.state, b.created_at,
    (select count(*) from import_row r where r.batch_id = b.id)::bigint as rows,
    (select count(*) from import_row r where r.batch_id = b.id and r.state in ('added', 'kept'))::bigint as added,
    (select count(*) from import_row r where r.batch_id = b.id and r.state = 'wrong')::bigint as wrong
from import_batch b order by b.created_at desc, b.id limit sqlc.arg('most');

-- ImportByID is one import. No row: there is none of this id here.
-- name: ImportByID :one
select b.id, b.kind, b.file_name, b.header, b.fields, b.sheets, b.state, b.created_at
from import_batch b where b.id = @id;

-- LockImport is where an import stands, until the transaction ends. No row: there is none of this id here.
-- name: LockImport :one
select b.kind, b.state, b.fields, b.sheets, b.created_by, b.created_at from import_batch b where b.id = @id for update;

-- ImportedColumns are the latest headers of a kind with the fields of their columns, the latest last, at most so many,
-- of what people chose.
-- name: ImportedColumns :many
select i.header, i.fields from (
    select b.id, b.header, b.fields, b.created_at from import_batch b where b.kind = @kind and b.state <> 'read'
        and b.created_by <> '00000000-0000-0000-0000-000000000000'
    order by b.created_at desc, b.id limit sqlc.arg('most')) i
order by i.created_at, i.id desc;

-- SetImportFields says which field each column is.
-- name: SetImportFields :exec
update import_batch set fields = @fields, state = 'checked' where id = @id;

-- SetImportState says where an import stands.
-- name: SetImportState :exec
update import_batch set state = @state where id = @id;

-- ImportCounts is how many rows of an import are in each state, and how many of them change what was there before.
-- name: ImportCounts :many
select r.state, count(*) as rows, count(*) filter (where r.record -> 'changes' is not null) as changes
from import_row r where r.batch_id = @batch_id group by r.state order by r.state;

-- ImportProposals are the kinds of what is proposed for the rows of an import, with how many rows each would mend.
-- name: ImportProposals :many
select r.proposal, count(*) as rows from import_row r
where r.batch_id = @batch_id and r.state = 'wrong' and r.proposal <> '' group by r.proposal order by r.proposal;

-- ImportRows are rows of an import in some states behind a line, in the order of the file, at most so many.
-- name: ImportRows :many
select r.line, r.cells, r.state, r.problem, r.proposal, r.fix, r.record, r.record_id from import_row r
where r.batch_id = @batch_id and r.state = any (sqlc.arg('states')::text[]) and r.line > sqlc.arg('after')::int
order by r.line limit sqlc.arg('most');

-- WriteImportRows says what is known of rows: how they stand, what is wrong and what is proposed.
-- name: WriteImportRows :exec
update import_row i set cells = r.cells, state = r.state, problem = r.problem, proposal = r.proposal, fix = r.fix,
    record = r.record, record_id = r.record_id
from jsonb_to_recordset(@records::jsonb) as r(line integer, cells text[], state text, problem text, proposal text,
    fix jsonb, record jsonb, record_id uuid)
where i.batch_id = @batch_id::uuid and i.line = r.line;

-- MarkImportRows says of rows in some state what became of them. What was said of them stays where nothing else is.
-- name: MarkImportRows :exec
update import_row set state = @state, problem = coalesce(nullif(@problem::text, ''), problem)
where batch_id = @batch_id and line = any (sqlc.arg('lines')::int[]);

-- ImportPractitioners adds practitioners and gives the ids of those that were not there.
-- name: ImportPractitioners :many
insert into practitioner (id, name, specialty, gender, languages, about, npi, age_from, age_to, valid_from,
    valid_until)
select r.id, r.name, r.specialty, coalesce(r.gender, ''), coalesce(r.languages, '{}'), coalesce(r.about, ''),
    coalesce(r.npi, ''), r.age_from, r.age_to, r.valid_from, r.valid_until
from jsonb_to_recordset(@records::jsonb) as r(id uuid, name text, specialty text, gender text, languages text[],
    about text, npi text, age_from smallint, age_to smallint, valid_from date, valid_until date)
on conflict (id) do nothing returning id;

-- RemovePractitioners removes those that nothing needs, and gives their ids.
-- name: RemovePractitioners :many
delete from practitioner p where p.id = any (sqlc.arg('ids')::uuid[])
    and not exists (select 1 from offering o where o.practitioner_id = p.id)
    and not exists (select 1 from schedule s where s.practitioner_id = p.id)
    and not exists (select 1 from resource r where r.practitioner_id = p.id)
returning p.id;

-- ImportLocations adds locations and gives the ids of those that were not there.
-- name: ImportLocations :many
insert into location (id, name, street, city, state, zip, lat, lon, zone, phone, directions, valid_from, valid_until,
    insured_until)
select r.id, r.name, r.street, r.city, r.state, r.zip, r.lat, r.lon, r.zone, coalesce(r.phone, ''),
    coalesce(r.directions, ''), r.valid_from, r.valid_until, r.insured_until
from jsonb_to_recordset(@records::jsonb) as r(id uuid, name text, street text, city text, state text, zip text,
    lat double precision, lon double precision, zone text, phone text, directions text, valid_from date,
    valid_until date, insured_until date)
on conflict (id) do nothing returning id;

-- RemoveLocations removes those that nothing needs, and gives their ids.
-- name: RemoveLocations :many
delete from location l where l.id = any (sqlc.arg('ids')::uuid[])
    and not exists (select 1 from offering o where o.location_id = l.id)
    and not exists (select 1 from schedule s where s.location_id = l.id)
    and not exists (select 1 from location_access a where a.location_id = l.id)
returning l.id;

-- DeleteOldImportRows drops the rows of imports 90 days after their file came, 30 days where none was brought in. Those
-- of one that is under way stay.
-- name: DeleteOldImportRows :exec
delete from import_row r using import_batch b
where b.id = r.batch_id and b.state <> 'running' and b.created_at < now() -
    case when b.state in ('read', 'checked') then interval '30 days' else interval '90 days' end;

-- DeleteOldImports drops the imports themselves, behind their rows.
-- name: DeleteOldImports :exec
delete from import_batch b where b.state <> 'running' and b.created_at < now() -
    case when b.state in ('read', 'checked') then interval '30 days' else interval '90 days' end;

-- ImportServices adds services and gives the ids of those that were not there.
-- name: ImportServices :many
insert into service (id, reason_code, name, minutes, prep, price_cents, telehealth, visit_mode)
select r.id, r.reason_code, r.name, r.minutes, r.prep, r.price_cents, r.telehealth, r.visit_mode
from jsonb_to_recordset(@records::jsonb) as r(id uuid, reason_code text, name text, minutes integer, prep text,
    price_cents bigint, telehealth boolean, visit_mode text)
on conflict (id) do nothing returning id;

-- ChangeServicePrices gives services the price of a file where they have that with which the file was compared, and
-- gives their ids.
-- name: ChangeServicePrices :many
update service s set price_cents = r.price_cents
from jsonb_to_recordset(@records::jsonb) as r(id uuid, price_cents bigint, was_cents bigint)
where s.id = r.id and s.price_cents is not distinct from r.was_cents returning s.id;

-- RestoreServicePrices gives services the price that they had before a file where they have the file's, and gives their
-- ids.
-- name: RestoreServicePrices :many
update service s set price_cents = r.was_cents
from jsonb_to_recordset(@records::jsonb) as r(id uuid, price_cents bigint, was_cents bigint)
where s.id = r.id and s.price_cents = r.price_cents returning s.id;

-- RemoveServices removes those that are not offered, and gives their ids.
-- name: RemoveServices :many
delete from service s where s.id = any (sqlc.arg('ids')::uuid[])
    and not exists (select 1 from offering o where o.service_id = s.id)
returning s.id;

-- KnownHours are the weekly hours in which services are offered, with whose they are and where, in order of their ids.
-- name: KnownHours :many
select o.location_id, o.practitioner_id, o.service_id, r.weekday, r.from_minute, r.to_minute
from schedule_rule r join offering o on o.schedule_id = r.schedule_id and o.live
where r.kind = 'open' order by r.id, o.id;

-- AddToImportRecords adds to what is known of what rows make.
-- name: AddToImportRecords :exec
update import_row i set record = i.record || r.record
from jsonb_to_recordset(@records::jsonb) as r(line integer, record jsonb)
where i.batch_id = @batch_id::uuid and i.line = r.line;

-- BookedRules are those of some weekly hours in which a visit is booked, or a time held, that is not over. Those that
-- began before since are.
-- name: BookedRules :many
select r.id from schedule_rule r join schedule s on s.id = r.schedule_id join location l on l.id = s.location_id
where r.id = any (sqlc.arg('ids')::uuid[]) and exists (
    select 1 from appointment a join offering o on o.id = a.offering_id
    where o.schedule_id = r.schedule_id and a.starts_at > sqlc.arg('since')::timestamptz and a.ends_at > now()
        and (a.status in ('booked', 'arrived') or a.status = 'held' and a.held_until > now())
        and extract(dow from a.starts_at at time zone l.zone)::int = r.weekday
        and (a.starts_at at time zone l.zone)::time >= make_interval(mins => r.from_minute)::time
        and extract(hour from a.starts_at at time zone l.zone) * 60
            + extract(minute from a.starts_at at time zone l.zone) < r.to_minute)
order by r.id;

-- DropRules takes some weekly hours away and gives the schedules of those that were there.
-- name: DropRules :many
delete from schedule_rule where id = any (sqlc.arg('ids')::uuid[]) returning schedule_id;

-- WriteImportEvent asks the worker to bring the rows of an import in.
-- name: WriteImportEvent :exec
insert into outbox.event (kind, subject_id) values ('import.started', @id);

-- AuditImport records what was done with an import, and by which key where an API client did it.
-- name: AuditImport :exec
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
values (case when sqlc.arg('key')::text = '' then 'administration' else 'api' end, 'Import', @id, @action,
    case when sqlc.arg('key')::text = '' then '{}'::text[] else array['key:' || sqlc.arg('key')::text] end, 'success');

-- KnownPractitioners are the organization's practitioners, by what a row of a file is known again by, in order of id.
-- name: KnownPractitioners :many
select p.id, p.name, p.specialty, p.npi from practitioner p order by p.id;

-- PractitionerName is what somebody is called. No row: nobody of this organization.
-- name: PractitionerName :one
select p.name from practitioner p where p.id = @id;

-- AlikePatients are the rows, by line, that look like a patient here: same by the id of what they would make, else
-- by the name together with the date of birth, the phone number or the email address. A born of year 1 is none. Whoever
-- has ended their consent looks like nobody. In order of lines.
-- name: AlikePatients :many
with r as materialized (
    select asked.line, asked.id, nullif(asked.born, '0001-01-01'::date) as born, market.fold(asked.name) as name,
        lower(asked.email) as email, reverse(right(regexp_replace(asked.phone, '[^0-9]', '', 'g'), 10)) as phone
    from (select unnest(@lines::integer[]) as line, unnest(@ids::uuid[]) as id, unnest(@names::text[]) as name,
        unnest(@born::date[]) as born, unnest(@phones::text[]) as phone, unnest(@emails::text[]) as email) asked
), hit as (
    select r.line, pt.id, true as same from r join patient pt on pt.id = r.id
    union all select r.line, pt.id, false from r join patient pt on pt.born = r.born and market.fold(pt.name) = r.name
    union all select r.line, pt.id, false from r join patient pt on pt.phone_reversed = r.phone and r.phone <> ''
        and market.fold(pt.name) = r.name
    union all select r.line, pt.id, false from r join patient pt on pt.email_lower = r.email and r.email <> ''
        and market.fold(pt.name) = r.name
)
select hit.line::integer as line, bool_or(hit.same)::boolean as same from hit
where hit.same or not exists (select 1 from ended_consent e where e.patient_id = hit.id)
group by hit.line order by hit.line;

-- ImportPatients adds charts and gives the ids of those that were not there. AuditImportedPatients goes with it.
-- name: ImportPatients :many
insert into patient (id, name, born, phone, email, street, city, state, zip, language, chart_number)
select r.id, r.name, r.born, coalesce(r.phone, ''), coalesce(r.email, ''), coalesce(r.street, ''), coalesce(r.city, ''),
    coalesce(r.state, ''), coalesce(r.zip, ''), coalesce(r.language, ''), coalesce(r.external_id, '')
from jsonb_to_recordset(@records::jsonb) as r(id uuid, name text, born date, phone text, email text, street text,
    city text, state text, zip text, language text, external_id text)
on conflict (id) do nothing returning id;

-- RemovePatients removes charts that nothing needs, and gives their ids. AuditImportedPatients goes with it.
-- name: RemovePatients :many
delete from patient p where p.id = any (sqlc.arg('ids')::uuid[]) and p.account_id is null
    and not exists (select 1 from appointment a where a.patient_id = p.id)
    and not exists (select 1 from consent c where c.patient_id = p.id)
    and not exists (select 1 from home_address h where h.patient_id = p.id)
returning p.id;

-- AuditImportedPatients records of each chart that an import added or removed it, and who brought the file along.
-- name: AuditImportedPatients :exec
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
select 'administration', 'Patient', unnest(sqlc.arg('charts')::uuid[]), sqlc.arg('action')::text,
    array['import:' || sqlc.arg('import')::uuid, 'by:' || sqlc.arg('by')::uuid], 'success';
