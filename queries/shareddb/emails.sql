-- QueueEmail puts an email into the transaction of what it tells, and says so to the worker. Nobody but the worker
-- reads it again.
-- name: QueueEmail :exec
with queued as (
    insert into outbox.email (id, kind, sealed, expires_at) values (@id, @kind, @sealed, @expires_at)
)
insert into outbox.event (kind, subject_id) values ('email.queued', @id);
