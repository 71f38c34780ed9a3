-- LeaseEmail takes the right to send an email that waits. No row: it is done, gone, or another worker has it
-- (EmailState tells).
-- name: LeaseEmail :one
update outbox.email e set leased_until = now() + sqlc.arg('lease_seconds')::float8 * interval '1 second',
    attempts = e.attempts + 1
where e.id = @id and e.sealed is not null and e.leased_until <= now()
returning e.kind, e.sealed, e.created_at, e.expires_at;

-- EmailState tells whether an email still waits, and for how long somebody has it. No row: there is none.
-- name: EmailState :one
select (e.sealed is not null)::boolean as waits, greatest(0,
    extract(epoch from e.leased_until - now()))::float8 as lease_seconds
from outbox.email e where e.id = @id;

-- ReturnEmail gives the lease back after a failure of some class, so that the next try need not wait for its end.
-- name: ReturnEmail :exec
update outbox.email e set leased_until = now(), failure = @failure where e.id = @id and e.sealed is not null;

-- CloseEmail writes what became of an email and wipes what it said. A receipt is the Message-ID of one that was sent.
-- name: CloseEmail :exec
update outbox.email e set sealed = null, outcome = sqlc.arg('outcome')::text, receipt = sqlc.narg('receipt')::text,
    sent_at = case when sqlc.narg('receipt')::text is not null then now() end
where e.id = @id and e.sealed is not null;

-- ExpireEmails wipes what was not sent in its time.
-- name: ExpireEmails :execrows
update outbox.email e set sealed = null, outcome = 'expired' where e.sealed is not null and e.expires_at < @now
    and e.leased_until <= now();

-- ForgetEmails deletes the rows of emails older than thirty days; the policy "prune" says so a second time.
-- name: ForgetEmails :execrows
delete from outbox.email e where e.created_at < now() - interval '30 days';

-- WaitingEmails are those that nobody has sent yet, the oldest first.
-- name: WaitingEmails :many
select e.id, e.kind, e.sealed from outbox.email e where e.sealed is not null order by e.created_at, e.id;

-- CountWaitingEmails counts them; the index email_open has no others.
-- name: CountWaitingEmails :one
select count(*) from outbox.email e where e.sealed is not null;
