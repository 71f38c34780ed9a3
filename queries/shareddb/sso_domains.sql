-- SSODomains are the domains of the scope's organization, by name.
-- name: SSODomains :many
select d.domain, d.proof, d.verified_at from directory.sso_domain d where d.tenant_id = (select ctx.tenant())
    order by d.domain;

-- LockSSODomains makes those who name domains for an organization queue until the end of the transaction, so that each
-- counts those of the others.
-- name: LockSSODomains :exec
select pg_advisory_xact_lock(hashtextextended('domains of ' || (select ctx.tenant())::text, 0));

-- AddSSODomain names a domain that is to be proved, up to twenty; one that is there stays as it is. KW403 = as in
-- KeepSSO, KW427 = twenty. After LockSSODomains.
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
