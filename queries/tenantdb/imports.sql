-- AddImport begins an import.
-- name: AddImport :exec
insert into import_batch (id, kind, file_name, header, fields, created_by, created_at)
values (@id, @kind, @file_name, @header, @fields, @created_by, @created_at);

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
select b.id, b.kind, b.file_name, b.header, b.fields, b.state, b.created_at from import_batch b where b.id = @id;

-- LockImport is where an import stands, until the transaction ends. No row: there is none of this id here.
-- name: LockImport :one
select b.kind, b.state, b.fields from import_batch b where b.id = @id for update;

-- ImportedColumns are the latest headers of a kind with the fields of their columns, the latest last, at most so many.
-- name: ImportedColumns :many
select i.header, i.fields from (
    select b.id, b.header, b.fields, b.created_at from import_batch b where b.kind = @kind and b.state <> 'read'
    order by b.created_at desc, b.id limit sqlc.arg('most')) i
order by i.created_at, i.id desc;

-- SetImportFields says which field each column is.
-- name: SetImportFields :exec
update import_batch set fields = @fields, state = 'checked' where id = @id;

-- SetImportState says where an import stands.
-- name: SetImportState :exec
update import_batch set state = @state where id = @id;

-- ImportCounts is how many rows of an import are in each state.
-- name: ImportCounts :many
select r.state, count(*) as rows from import_row r where r.batch_id = @batch_id group by r.state order by r.state;

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

-- MarkImportRows says of rows in some state what became of them.
-- name: MarkImportRows :exec
update import_row set state = @state, problem = @problem
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
insert into location (id, name, street, city, state, zip, lat, lon, zone, phone, directions)
select r.id, r.name, r.street, r.city, r.state, r.zip, r.lat, r.lon, r.zone, coalesce(r.phone, ''),
    coalesce(r.directions, '')
from jsonb_to_recordset(@records::jsonb) as r(id uuid, name text, street text, city text, state text, zip text,
    lat double precision, lon double precision, zone text, phone text, directions text)
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

-- RemoveServices removes those that are not offered, and gives their ids.
-- name: RemoveServices :many
delete from service s where s.id = any (sqlc.arg('ids')::uuid[])
    and not exists (select 1 from offering o where o.service_id = s.id)
returning s.id;

-- WriteImportEvent asks the worker to bring the rows of an import in.
-- name: WriteImportEvent :exec
insert into outbox.event (kind, subject_id) values ('import.started', @id);

-- AuditImport records what was done with an import.
-- name: AuditImport :exec
insert into audit.event (purpose, resource, resource_id, action, outcome)
values ('administration', 'Import', @id, @action, 'success');

-- KnownPractitioners are the organization's practitioners, by what a row of a file is known again by, in order of id.
-- name: KnownPractitioners :many
select p.id, p.name, p.specialty, p.npi from practitioner p order by p.id;

-- PractitionerName is what somebody is called. No row: nobody of this organization.
-- name: PractitionerName :one
select p.name from practitioner p where p.id = @id;
