-- What happened to an appointment, appended in its transaction: ids and the claim's range, no health data.

-- WriteHeldEvent tells of a hold and, by the database's clock, until when.
-- name: WriteHeldEvent :exec
insert into outbox.event (kind, subject_id, data)
values ('appointment.held', @id, jsonb_build_object('resource', @resource_id::uuid, 'claim', @claim_id::uuid,
    'start', @starts_at::timestamptz, 'end', @ends_at::timestamptz,
    'until', now() + sqlc.arg('seconds')::int * interval '1 second'));

-- WriteExtendedEvent tells until when a hold lives now.
-- name: WriteExtendedEvent :exec
insert into outbox.event (kind, subject_id, data)
values ('appointment.extended', @id, jsonb_build_object('resource', @resource_id::uuid, 'claim', @claim_id::uuid,
    'start', @starts_at::timestamptz, 'end', @ends_at::timestamptz, 'until', @until::timestamptz));

-- WriteReleasedEvent tells that a hold let its time go.
-- name: WriteReleasedEvent :exec
insert into outbox.event (kind, subject_id, data)
values ('appointment.released', @id, jsonb_build_object('resource', @resource_id::uuid, 'claim', @claim_id::uuid,
    'start', @starts_at::timestamptz, 'end', @ends_at::timestamptz));

-- WriteBookedEvent tells that a hold has become a booking.
-- name: WriteBookedEvent :exec
insert into outbox.event (kind, subject_id, data)
values ('appointment.booked', @id, jsonb_build_object('resource', @resource_id::uuid, 'claim', @claim_id::uuid,
    'start', @starts_at::timestamptz, 'end', @ends_at::timestamptz));

-- WriteMovedEvent tells where a booking is now and where it was.
-- name: WriteMovedEvent :exec
insert into outbox.event (kind, subject_id, data)
values ('appointment.moved', @id, jsonb_build_object('sequence', @sequence::int,
    'resource', @resource_id::uuid, 'claim', @claim_id::uuid, 'start', @starts_at::timestamptz,
    'end', @ends_at::timestamptz, 'from', @from_resource_id::uuid, 'from_claim', @from_claim_id::uuid,
    'from_start', @from_starts_at::timestamptz, 'from_end', @from_ends_at::timestamptz));

-- WriteCancelledEvent tells that a booking let its time go.
-- name: WriteCancelledEvent :exec
insert into outbox.event (kind, subject_id, data)
values ('appointment.cancelled', @id, jsonb_build_object('sequence', @sequence::int,
    'resource', @resource_id::uuid, 'claim', @claim_id::uuid, 'start', @starts_at::timestamptz,
    'end', @ends_at::timestamptz));

-- WriteMarkedEvent tells what became of a visit.
-- name: WriteMarkedEvent :exec
insert into outbox.event (kind, subject_id, data)
values ('appointment.marked', @id, jsonb_build_object('status', @status::text));
