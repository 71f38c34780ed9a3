-- DueChecks are steps of applications whose register is to be asked: of each register so many at most, those that it
-- left without an answer least often first, then those that wait longest. The registers take turns.
-- name: DueChecks :many
select due.tenant_id, due.key, due.attempts from (
    select s.tenant_id, s.key, s.attempts,
        row_number() over (partition by s.key order by s.attempts, s.next_at, s.tenant_id) as turn
    from onboarding.step s where s.next_at <= sqlc.arg('now')::timestamptz
) due where due.turn <= sqlc.arg('most')::bigint order by due.turn, due.key;

-- ExclusionsAwaited tells whether an application waits for the list of exclusions.
-- name: ExclusionsAwaited :one
select exists (select from onboarding.step s where s.key = 'exclusion' and s.next_at is not null);

-- DueNotices are what applicants are to be told by now, what waits longest first.
-- name: DueNotices :many
select n.tenant_id, n.kind, n.version, n.due from onboarding.notice n where n.due <= sqlc.arg('now')::timestamptz
order by n.due, n.tenant_id limit sqlc.arg('most');

-- ForgetHints deletes webhooks that were heard more than a day ago; the policy "prune" says so a second time.
-- name: ForgetHints :exec
delete from onboarding.hint h where h.at < sqlc.arg('now')::timestamptz - interval '1 day';
