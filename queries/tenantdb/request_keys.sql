-- InsertRequestKey keeps what a request is told, for the same request again. It waits for one that is being answered.
-- A unique violation: it was answered before. Keys are each account's own.
-- name: InsertRequestKey :exec
insert into request_key (key, body_hash, subject, status, location)
values (@key, @body_hash, @subject, 303, @location);

-- StoredAnswer is what an earlier request of this account with this key was told. No row: no such request.
-- name: StoredAnswer :one
select body_hash, status, location from request_key where subject = @subject and key = @key;

-- DeleteOldAnswers drops answers older than seven days.
-- name: DeleteOldAnswers :execrows
delete from request_key where at < now() - interval '7 days';
