-- SSO is the single sign-on of the scope's organization, with who set it last. No row: it has none.
-- name: SSO :one
select s.id, s.issuer, s.client_id, s.client_secret, s.required, s.updated_at,
    coalesce(directory.name_at(a.name, a.former_names, s.updated_at), '')::text as updated_by,
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

-- NoteSSO keeps what was seen of the provider with the settings of set_at: that it works, or the fault. A sign-in by it
-- says so. What is not seen stays as it was; within a minute the same is not written again. Of a test only what an
-- owner tried is kept.
-- name: NoteSSO :exec
update directory.sso s set fault = @fault,
    working_since = case when sqlc.arg('fault')::text = ''
        then coalesce(s.working_since, sqlc.arg('now')::timestamptz) end,
    broken_since = case when sqlc.arg('fault')::text <> ''
        then coalesce(s.broken_since, sqlc.arg('now')::timestamptz) end,
    last_sign_in_at = case when sqlc.arg('signed_in')::boolean then sqlc.arg('now')::timestamptz
        else s.last_sign_in_at end,
    says_time = coalesce(sqlc.narg('says_time')::boolean, s.says_time),
    vouches = coalesce(sqlc.narg('vouches')::boolean, s.vouches)
where s.tenant_id = (select ctx.tenant()) and s.id = @id and s.updated_at = sqlc.arg('set_at')::timestamptz
    and (not sqlc.arg('test')::boolean or exists (select 1 from directory.membership m
        where m.tenant_id = s.tenant_id and m.account_id = (select ctx.actor()) and m.role = 'owner'
            and m.ended_at is null))
    and (s.fault <> @fault or s.working_since is null and s.broken_since is null
        or s.says_time is distinct from coalesce(sqlc.narg('says_time')::boolean, s.says_time)
        or s.vouches is distinct from coalesce(sqlc.narg('vouches')::boolean, s.vouches)
        or sqlc.arg('signed_in')::boolean
            and coalesce(s.last_sign_in_at <= sqlc.arg('recently')::timestamptz, true));

-- WriteSSOTest keeps that an owner tried the provider, and what came of it. KW403 = as in KeepSSO.
-- name: WriteSSOTest :one
with asker as materialized (
    select m.id from directory.membership m where m.tenant_id = (select ctx.tenant())
        and m.account_id = (select ctx.actor()) and m.role = 'owner' and m.ended_at is null for update
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'SingleSignOn', (select ctx.tenant()), 'test', @fields::text[], sqlc.arg('outcome')::text
        from asker
)
select case when exists (select 1 from asker) then true else ctx.refuse('KW403') end::boolean as written;
