-- SeeDevice notes that the subject signed in from a browser, and tells whether its owner should hear of it: it is a new
-- one, not the first of an account that was made since "fresh", and no more than four others were new within an hour.
-- The hundred of last are kept, for 400 days.
-- name: SeeDevice :one
with forgotten as (
    delete from directory.device d where d.account_id = (select ctx.subject())
        and d.device <> @device and (d.last_seen_at < sqlc.arg('now')::timestamptz - interval '400 days'
            or d.device in (select old.device from directory.device old where old.account_id = (select ctx.subject())
                and old.device <> @device order by old.last_seen_at desc offset 99))
), kept as (
    insert into directory.device as d (account_id, device, agent, first_seen_at, last_seen_at)
    select (select ctx.subject()), @device, @agent, sqlc.arg('now')::timestamptz, sqlc.arg('now')::timestamptz
    on conflict (account_id, device) do update set agent = excluded.agent, last_seen_at = excluded.last_seen_at
    returning d.account_id, d.device
), new as (
    select kept.account_id from kept
    where not exists (select 1 from directory.device d where d.account_id = kept.account_id and d.device = kept.device)
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', new.account_id, new.account_id, 'new-browser', 'success' from new
)
select (exists (
    select 1 from new join directory.account a on a.id = new.account_id
    where a.created_at < sqlc.arg('fresh')::timestamptz or exists (select 1 from directory.device d
        where d.account_id = new.account_id)
) and (select count(*) from directory.device d where d.account_id = (select ctx.subject())
    and d.first_seen_at > sqlc.arg('now')::timestamptz - interval '1 hour') < 5)::boolean as tell;

-- Devices are the five browsers from which the subject has signed in last, the last used first.
-- name: Devices :many
select d.agent, d.first_seen_at, d.last_seen_at from directory.device d
where d.account_id = (select ctx.subject())
order by d.last_seen_at desc, d.device limit 5;

-- KnowsDevice tells whether the subject has signed in from a browser before, in full.
-- name: KnowsDevice :one
select exists (select 1 from directory.device d where d.account_id = (select ctx.subject()) and d.device = @device)
    ::boolean as known;
