-- StoredAnswer is what an earlier request with this key was told. No row: no such request.
-- name: StoredAnswer :one
select body_hash, subject, status, location from request_key where key = @key;

-- DeleteOldAnswers drops answers older than seven days.
-- name: DeleteOldAnswers :execrows
delete from request_key where at < now() - interval '7 days';
