-- DueChecks are steps of applications whose register is to be asked, the one that waits longest first.
-- name: DueChecks :many
select s.tenant_id, s.key from onboarding.step s where s.next_at <= sqlc.arg('now')::timestamptz
order by s.next_at limit sqlc.arg('most');
