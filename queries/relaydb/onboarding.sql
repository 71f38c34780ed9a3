-- DueChecks are steps of applications whose register is to be asked, the one that waits longest first.
-- name: DueChecks :many
select s.tenant_id, s.key from onboarding.step s where s.next_at <= sqlc.arg('now')::timestamptz
order by s.next_at limit sqlc.arg('most');

-- ExclusionsAwaited tells whether an application waits for the list of exclusions.
-- name: ExclusionsAwaited :one
select exists (select from onboarding.step s where s.key = 'exclusion' and s.next_at is not null);
