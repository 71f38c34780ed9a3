-- WriteSSOSignIn keeps that somebody came in through an organization's own sign-in. Who was refused is WriteDenial's.
-- name: WriteSSOSignIn :exec
insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
values ('account', 'Account', @account_id::uuid, @account_id::uuid, 'sign-in', '{single-sign-on}', 'success');

-- SetSSOLife says how long a sign-in by the provider opens the organization, those of now included. KW403 = as in
-- KeepSSO. No row: it has no provider.
-- name: SetSSOLife :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), changed as (
    update directory.sso s set session_minutes = @minutes
    where s.tenant_id = (select ctx.tenant()) and exists (select 1 from asker)
    returning s.tenant_id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'SingleSignOn', changed.tenant_id, 'update',
        array['session_minutes:' || sqlc.arg('minutes')::integer], 'success' from changed
)
select case when not exists (select 1 from asker) then ctx.refuse('KW403') else true end::boolean as kept
where not exists (select 1 from asker) or exists (select 1 from changed);

-- BeginSSOSession keeps that the provider let the subject in. Those of the day before go.
-- name: BeginSSOSession :exec
with old as (
    select x.id from directory.sso_session x where x.tenant_id = (select ctx.tenant())
        and x.began_at < sqlc.arg('day_before')::timestamptz order by x.id limit 50 for update skip locked
), gone as (
    delete from directory.sso_session x using old where x.id = old.id and x.tenant_id = (select ctx.tenant())
)
insert into directory.sso_session (id, tenant_id, provider, account_id, subject, sid, began_at)
select @id, s.tenant_id, s.id, (select ctx.subject()), @subject, @sid, sqlc.arg('now')::timestamptz
from directory.sso s where s.tenant_id = (select ctx.tenant()) and s.id = @provider;

-- EndSSOSessions ends what the provider let in, of its own session sid, of a subject, or of both, as a logout token
-- asks, which is good once: how many ended, or -1 for one that was seen before. A session that rests on more than the
-- provider goes on without it.
-- name: EndSSOSessions :one
with old as (
    select x.jti from directory.sso_logout x where x.tenant_id = (select ctx.tenant())
        and x.seen_at < sqlc.arg('hour_before')::timestamptz order by x.jti limit 50 for update skip locked
), gone as (
    delete from directory.sso_logout x using old where x.jti = old.jti and x.tenant_id = (select ctx.tenant())
), fresh as (
    insert into directory.sso_logout (tenant_id, jti, seen_at)
    values ((select ctx.tenant()), @jti, sqlc.arg('now')::timestamptz) on conflict do nothing returning jti
), ended as (
    update directory.sso_session x set ended_at = sqlc.arg('now')::timestamptz
    where x.tenant_id = (select ctx.tenant()) and x.provider = @provider and x.ended_at is null
        and (sqlc.arg('sid')::text <> '' or sqlc.arg('subject')::text <> '')
        and (sqlc.arg('subject')::text = '' or x.subject = sqlc.arg('subject')::text)
        and (sqlc.arg('sid')::text = '' or x.sid = sqlc.arg('sid')::text
            or x.sid = '' and sqlc.arg('subject')::text <> '')
        and exists (select 1 from fresh)
    returning x.id, x.account_id
), closed as (
    update directory.session d set revoked_at = sqlc.arg('now')::timestamptz, mac = '' from ended
    where d.account_id = ended.account_id and d.sso_session = ended.id and d.revoked_at is null
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'account', 'Account', ended.account_id, ended.account_id, 'end-single-sign-on',
        array['sessions:' || count(*)], 'success' from ended group by ended.account_id
)
select case when exists (select 1 from fresh) then (select count(*) from ended) else -1 end::bigint as ended;

-- WriteSSOLogoutDenied keeps that a logout token of the provider was refused, and why.
-- name: WriteSSOLogoutDenied :exec
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
values ('administration', 'SingleSignOn', (select ctx.tenant()), 'log-out', @fields, 'denied');

-- SSOPeople are who works at the scope's organization and whom its provider means, by name, who has these words in
-- their name or an address that begins so.
-- name: SSOPeople :many
with asked as materialized (
    select o.word from unnest(directory.asked_words(sqlc.arg('name')::text)) as o(word)
)
select m.id, a.name, a.email, min(x.created_at)::timestamptz as since, count(*) over () as found
from directory.external_identity x
join directory.sso s on s.tenant_id = x.tenant_id and s.issuer = x.issuer
join directory.membership m on m.tenant_id = x.tenant_id and m.account_id = x.account_id and m.ended_at is null
join directory.account a on a.id = x.account_id
where x.tenant_id = (select ctx.tenant())
    and (sqlc.arg('name')::text = '' or starts_with(a.email, lower(sqlc.arg('name')::text))
        or exists (select 1 from asked) and not exists (select 1 from asked o where not exists (
            select 1 from directory.account_name_word w where w.account_id = a.id and starts_with(w.word, o.word))))
group by m.id, a.id order by a.name, m.id limit 100;

-- DisconnectSSO takes from somebody who works at the scope's organization whom its provider means by them, and ends
-- what it let in. No row: no such person is connected, or whoever asks is no owner any more.
-- name: DisconnectSSO :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), gone as (
    delete from directory.external_identity x using directory.membership m
    where x.tenant_id = (select ctx.tenant()) and m.tenant_id = x.tenant_id and m.account_id = x.account_id
        and m.id = @member and m.ended_at is null and exists (select 1 from asker)
    returning x.tenant_id, x.account_id
), ended as (
    update directory.sso_session x set ended_at = sqlc.arg('now')::timestamptz from gone
    where x.tenant_id = gone.tenant_id and x.account_id = gone.account_id and x.ended_at is null
    returning x.id, x.account_id
), closed as (
    update directory.session d set revoked_at = sqlc.arg('now')::timestamptz, mac = '' from ended
    where d.account_id = ended.account_id and d.sso_session = ended.id and d.revoked_at is null
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select distinct 'account', 'Account', gone.account_id, gone.account_id, 'unlink-single-sign-on',
        array['sessions:' || (select count(*) from ended)], 'success' from gone
)
select a.name, a.email from directory.account a where a.id in (select gone.account_id from gone);
