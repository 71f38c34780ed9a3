-- DueDocuments are files to be scanned: those that were left without an answer least often first, then those that wait
-- longest.
-- name: DueDocuments :many
select d.tenant_id, d.id from onboarding.document d
where d.next_at is not null and d.next_at <= sqlc.arg('now')::timestamptz
order by d.attempts, d.next_at, d.id limit sqlc.arg('most');

-- DocumentsHeld are those of some ids that have a row and are not removed.
-- name: DocumentsHeld :many
select d.id from onboarding.document d where d.id = any(@ids::uuid[]) and d.removed_at is null;

-- UploadsHeld are those of some ids that have not ended.
-- name: UploadsHeld :many
select u.id from onboarding.upload u where u.id = any(@ids::uuid[]) and u.ends_at > sqlc.arg('now')::timestamptz;

-- SweepUploads deletes files on their way that have ended.
-- name: SweepUploads :exec
delete from onboarding.upload u where u.ends_at < sqlc.arg('now')::timestamptz;
