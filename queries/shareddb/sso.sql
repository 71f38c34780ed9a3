-- SSO is the single sign-on of the scope's organization, with who set it last. No row: it has none.
-- name: SSO :one
select s.id, s.issuer, s.client_id, s.client_secret, s.required, s.updated_at, coalesce(a.name, '')::text as updated_by,
    s.working_since, s.broken_since, s.fault, s.last_sign_in_at, s.says_time, s.vouches, s.session_minutes
from directory.sso s left join directory.account a on a.id = s.updated_by
where s.tenant_id = (select ctx.tenant());

-- KeepSSO sets the provider of the scope's organization. Without a secret the one before stays. Another issuer is
-- required of nobody: whom it means, it has to say first. Another issuer or client is another provider, with this id.
-- What was seen of it with other settings is forgotten. KW403 = whoever asks is no owner any more.
-- name: KeepSSO :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), same as materialized (
    select o.id from directory.sso o where o.tenant_id = (select ctx.tenant()) and o.issuer = @issuer
        and o.client_id = @client_id and sqlc.narg('client_secret')::bytea is null
), kept as (
    insert into directory.sso as s (id, tenant_id, issuer, client_id, client_secret, updated_at, updated_by)
    select @id, (select ctx.tenant()), @issuer, @client_id, coalesce(sqlc.narg('client_secret')::bytea, ''::bytea),
        sqlc.arg('now')::timestamptz, (select ctx.actor()) from asker
    on conflict (tenant_id) do update set issuer = excluded.issuer, client_id = excluded.client_id,
        client_secret = coalesce(sqlc.narg('client_secret')::bytea, s.client_secret), required = s.required
            and s.issuer = excluded.issuer,
        id = case when s.issuer = excluded.issuer and s.client_id = excluded.client_id then s.id else excluded.id end,
        working_since = case when exists (select 1 from same) then s.working_since end,
        broken_since = case when exists (select 1 from same) then s.broken_since end,
        last_sign_in_at = case when exists (select 1 from same) then s.last_sign_in_at end,
        says_time = case when exists (select 1 from same) then s.says_time end,
        vouches = case when exists (select 1 from same) then s.vouches end,
        fault = case when exists (select 1 from same) then s.fault else '' end,
        updated_at = excluded.updated_at, updated_by = excluded.updated_by
    returning tenant_id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'SingleSignOn', kept.tenant_id, 'update', array['issuer', 'client_id'] || case
        when sqlc.narg('client_secret')::bytea is null then '{}'::text[] else array['client_secret'] end, 'success'
        from kept
)
select case when exists (select 1 from kept) then true else ctx.refuse('KW403') end::boolean as kept;

-- RequireSSO makes the provider the only way in, or one of two again. KW403 = as in KeepSSO, KW426 = there is none, or
-- it has not yet meant whoever asks: nobody closes one way in before they have used the other.
-- name: RequireSSO :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), changed as (
    update directory.sso s set required = sqlc.arg('required')::boolean, updated_at = sqlc.arg('now')::timestamptz,
        updated_by = (select ctx.actor())
    where s.tenant_id = (select ctx.tenant()) and exists (select 1 from asker) and (not sqlc.arg('required')::boolean
        or exists (select 1 from directory.external_identity x
        where x.tenant_id = s.tenant_id and x.issuer = s.issuer and x.account_id = (select ctx.subject())))
    returning s.tenant_id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'SingleSignOn', changed.tenant_id, 'update',
        array['required:' || sqlc.arg('required')::boolean], 'success' from changed
)
select case when not exists (select 1 from asker) then ctx.refuse('KW403')
    when exists (select 1 from changed) then true else ctx.refuse('KW426') end::boolean as changed;

-- RemoveSSO ends single sign-on at the scope's organization. Domains and whom the provider meant stay, for the day it
-- comes back. No row: it has none, or whoever asks is no owner any more.
-- name: RemoveSSO :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), gone as (
    delete from directory.sso s where s.tenant_id = (select ctx.tenant()) and exists (select 1 from asker)
    returning s.tenant_id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'administration', 'SingleSignOn', gone.tenant_id, 'delete', 'success' from gone
)
select gone.tenant_id from gone;

-- SSODomains are the domains of the scope's organization, by name.
-- name: SSODomains :many
select d.domain, d.proof, d.verified_at from directory.sso_domain d where d.tenant_id = (select ctx.tenant())
    order by d.domain;

-- AddSSODomain names a domain that is to be proved, up to twenty; one that is there stays as it is. KW403 = as in
-- KeepSSO, KW427 = twenty.
-- name: AddSSODomain :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), made as (
    insert into directory.sso_domain (domain, tenant_id, proof)
    select @domain, (select ctx.tenant()), @proof
    where (select count(*) from directory.sso_domain d where d.tenant_id = (select ctx.tenant())) < 20
        and exists (select 1 from asker)
    on conflict (tenant_id, domain) do nothing
    returning tenant_id, domain
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'SingleSignOn', made.tenant_id, 'add-domain', array['domain:' || made.domain], 'success'
        from made
)
select case when not exists (select 1 from asker) then ctx.refuse('KW403')
    when exists (select 1 from made)
    or exists (select 1 from directory.sso_domain d where d.tenant_id = (select ctx.tenant()) and d.domain = @domain)
        then true
    else ctx.refuse('KW427') end::boolean as kept;

-- VerifySSODomain notes that the proof was seen. No row: there is no such domain. Error 23505: another organization has
-- proved it.
-- name: VerifySSODomain :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), seen as (
    update directory.sso_domain d set verified_at = sqlc.arg('now')::timestamptz
    where d.tenant_id = (select ctx.tenant()) and d.domain = @domain and d.proof = @proof
        and exists (select 1 from asker)
    returning d.tenant_id, d.domain
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'SingleSignOn', seen.tenant_id, 'verify-domain', array['domain:' || seen.domain], 'success'
        from seen
)
select seen.domain from seen;

-- RemoveSSODomain forgets one. No row: there is no such domain.
-- name: RemoveSSODomain :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), gone as (
    delete from directory.sso_domain d where d.tenant_id = (select ctx.tenant()) and d.domain = @domain
        and exists (select 1 from asker)
        returning d.tenant_id, d.domain
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'SingleSignOn', gone.tenant_id, 'remove-domain', array['domain:' || gone.domain], 'success'
        from gone
)
select gone.domain from gone;

-- SSOTenant is the organization whose proved domain this is. No row: nobody's.
-- name: SSOTenant :one
select t.slug from directory.sso_domain d join directory.tenant t on t.id = d.tenant_id where d.domain = @domain
    and d.verified_at is not null;

-- ExternalAccount is whom the provider of the scope's organization means, who works there still. No row: nobody who
-- does.
-- name: ExternalAccount :one
select a.id, a.email, a.name, a.phone, a.born, a.session_epoch
from directory.external_identity x
join directory.account a on a.id = x.account_id
join directory.membership m on m.tenant_id = x.tenant_id and m.account_id = x.account_id and m.ended_at is null
where x.issuer = @issuer and x.subject = @subject and x.tenant_id = (select ctx.tenant()) and a.disabled_at is null;

-- SSOLinked tells whether the provider of the scope's organization has meant the subject before.
-- name: SSOLinked :one
select exists (select 1 from directory.external_identity x join directory.sso s on s.tenant_id = x.tenant_id
    and s.issuer = x.issuer
    where x.tenant_id = (select ctx.tenant()) and x.account_id = (select ctx.subject()));

-- LinkExternalIdentity notes whom a provider means: the scope's subject, who works at its organization. false: it was
-- noted before. KW422 = it means somebody else, KW423 = it means the subject by another name, KW424 = the subject works
-- there no more.
-- name: LinkExternalIdentity :one
with place as (
    select s.tenant_id from directory.sso s where s.tenant_id = (select ctx.tenant()) and s.issuer = @issuer
), verdict as (
    select case
        when not exists (select 1 from place) or ctx.behalf() is not null
            or not exists (select 1 from directory.membership m
            where m.tenant_id = (select ctx.tenant()) and m.account_id = (select ctx.subject()) and m.ended_at is null)
                then 'gone'
        when exists (select 1 from directory.external_identity x where x.tenant_id = (select ctx.tenant())
            and x.issuer = @issuer and x.subject = @subject
            and x.account_id = (select ctx.subject())) then 'same'
        when exists (select 1 from directory.external_identity x where x.tenant_id = (select ctx.tenant())
            and x.issuer = @issuer and x.subject = @subject) then 'taken'
        when exists (select 1 from directory.external_identity x where x.tenant_id = (select ctx.tenant())
            and x.issuer = @issuer
            and x.account_id = (select ctx.subject())) then 'second'
        else 'linked' end as word
), made as (
    insert into directory.external_identity (issuer, subject, tenant_id, account_id, created_at)
    select @issuer, @subject, (select ctx.tenant()), (select ctx.subject()), sqlc.arg('now')::timestamptz from verdict
        where verdict.word = 'linked'
    on conflict do nothing
    returning account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', made.account_id, made.account_id, 'link-single-sign-on', 'success' from made
)
select case when verdict.word = 'gone' then ctx.refuse('KW424')
    when verdict.word = 'second' then ctx.refuse('KW423')
    when verdict.word = 'taken' or verdict.word = 'linked' and not exists (select 1 from made) then ctx.refuse('KW422')
    else verdict.word = 'linked' end::boolean as linked
from verdict;

-- AdmitExternalIdentity makes an account for somebody new whom a provider means, if the address is of a domain that the
-- scope's organization has proved, was invited there, and has no account: nobody comes into an account by its address.
-- It accepts the invitation. KW424 = whom it means works there no more, KW425 = the domain is not theirs, KW428 = the
-- address has an account, KW432 = uninvited.
-- name: AdmitExternalIdentity :one
with place as (
    select s.tenant_id from directory.sso s where s.tenant_id = (select ctx.tenant()) and s.issuer = @issuer
), offer as (
    select i.id, i.role, i.invited_by from directory.invitation i
    where i.tenant_id = (select ctx.tenant()) and i.email = sqlc.arg('email')::text and i.accepted_at is null
        and i.revoked_at is null
      and i.expires_at > sqlc.arg('now')::timestamptz
      and exists (select 1 from directory.membership m where m.tenant_id = i.tenant_id and m.account_id = i.invited_by
          and m.ended_at is null and directory.may_grant(m.role, i.role))
    order by i.created_at desc limit 1
    for update
), verdict as (
    select case
        when exists (select 1 from directory.external_identity x where x.tenant_id = (select ctx.tenant())
            and x.issuer = @issuer and x.subject = @subject) then 'ended'
        when not exists (select 1 from place) or not exists (select 1 from directory.sso_domain d
            where d.tenant_id = (select ctx.tenant()) and d.domain = sqlc.arg('domain')::text
                and d.verified_at is not null) then 'domain'
        when exists (select 1 from directory.account a where a.email = sqlc.arg('email')::text) then 'known'
        when not exists (select 1 from offer) then 'uninvited'
        else 'made' end as word
), made as (
    insert into directory.account (id, email, name, created_at)
    select @id, sqlc.arg('email')::text, @name, sqlc.arg('now')::timestamptz from verdict where verdict.word = 'made'
    on conflict (email) do nothing
    returning id
), kept as (
    insert into directory.password (account_id, hash, changed_at) select made.id, @hash, sqlc.arg('now')::timestamptz
        from made
), used as (
    update directory.invitation i set accepted_at = sqlc.arg('now')::timestamptz, accepted_by = made.id
    from made, offer where i.id = offer.id and i.accepted_at is null and i.revoked_at is null
    returning i.id
), begun as (
    insert into directory.membership (id, tenant_id, account_id, role, created_at, created_by)
    select @membership_id, (select ctx.tenant()), made.id, offer.role, sqlc.arg('now')::timestamptz, offer.invited_by
        from made, offer
), linked as (
    insert into directory.external_identity (issuer, subject, tenant_id, account_id, created_at)
    select @issuer, @subject, (select ctx.tenant()), made.id, sqlc.arg('now')::timestamptz from made
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'account', 'Account', made.id, made.id, 'sign-up', array['single-sign-on'], 'success' from made
    union all
    select 'administration', 'Invitation', used.id, made.id, 'accept', array['role:' || offer.role], 'success'
        from used, made, offer
)
select case when verdict.word = 'ended' then ctx.refuse('KW424')
    when verdict.word = 'domain' then ctx.refuse('KW425')
    when verdict.word = 'uninvited' then ctx.refuse('KW432')
    when verdict.word = 'known' or not exists (select 1 from made) then ctx.refuse('KW428')
    else true end::boolean as made
from verdict;

-- WriteSSOSignIn keeps that somebody came in through an organization's own sign-in, or was refused and why.
-- name: WriteSSOSignIn :exec
insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
values ('account', 'Account', sqlc.narg('account_id'), sqlc.narg('account_id'), 'sign-in', @fields, @outcome);

-- NoteSSO keeps what was seen of the provider with the settings of set_at: that it works, or the fault. A sign-in by it
-- says so. What is not seen stays as it was; within a minute the same is not written again.
-- name: NoteSSO :exec
update directory.sso s set fault = @fault,
    working_since = case when sqlc.arg('fault')::text = '' then coalesce(s.working_since, sqlc.arg('now')::timestamptz) end,
    broken_since = case when sqlc.arg('fault')::text <> '' then coalesce(s.broken_since, sqlc.arg('now')::timestamptz) end,
    last_sign_in_at = case when sqlc.arg('signed_in')::boolean then sqlc.arg('now')::timestamptz
        else s.last_sign_in_at end,
    says_time = coalesce(sqlc.narg('says_time')::boolean, s.says_time),
    vouches = coalesce(sqlc.narg('vouches')::boolean, s.vouches)
where s.tenant_id = (select ctx.tenant()) and s.id = @id and s.updated_at = sqlc.arg('set_at')::timestamptz
    and (s.fault <> @fault or s.working_since is null and s.broken_since is null
        or s.says_time is distinct from coalesce(sqlc.narg('says_time')::boolean, s.says_time)
        or s.vouches is distinct from coalesce(sqlc.narg('vouches')::boolean, s.vouches)
        or sqlc.arg('signed_in')::boolean
            and coalesce(s.last_sign_in_at <= sqlc.arg('recently')::timestamptz, true));

-- WriteSSOTest keeps that an owner tried the provider, and what came of it.
-- name: WriteSSOTest :exec
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
values ('administration', 'SingleSignOn', (select ctx.tenant()), 'test', @fields, @outcome);

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

-- SSOPeople are who works at the scope's organization and whom its provider means, by name, of whose name or address
-- something is a part.
-- name: SSOPeople :many
select m.id, a.name, a.email, min(x.created_at)::timestamptz as since, count(*) over () as found
from directory.external_identity x
join directory.sso s on s.tenant_id = x.tenant_id and s.issuer = x.issuer
join directory.membership m on m.tenant_id = x.tenant_id and m.account_id = x.account_id and m.ended_at is null
join directory.account a on a.id = x.account_id
where x.tenant_id = (select ctx.tenant())
    and (sqlc.arg('part')::text = '' or strpos(lower(a.name || ' ' || a.email), lower(sqlc.arg('part')::text)) > 0)
group by m.id, a.id order by a.name, m.id limit 100;

-- DisconnectSSO takes from somebody who works at the scope's organization whom its provider means by them, and ends what
-- it let in. No row: no such person is connected, or whoever asks is no owner any more.
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
