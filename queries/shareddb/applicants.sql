-- CreateApplicantInvitation keeps an offer to an address to take part in the scope's application, in place of the one
-- before it, which is revoked. KW403 = whoever asks takes no part; KW445 = whoever has the address takes part already;
-- KW446 = so many are open. After LockInvitations.
-- name: CreateApplicantInvitation :one
with open as (
    select i.id, i.email from onboarding.invitation i
    where i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null
        and i.expires_at > sqlc.arg('now')::timestamptz
), verdict as (
    select case
        when not exists (select 1 from onboarding.participant p where p.tenant_id = (select ctx.tenant())
            and p.account_id = (select ctx.actor()) and p.ended_at is null) then 'not-yours'
        when exists (select 1 from onboarding.participant p join directory.account a on a.id = p.account_id
            where p.tenant_id = (select ctx.tenant()) and p.ended_at is null and a.email = @email) then 'participant'
        when (select count(*) from open where open.email <> @email) >= sqlc.arg('most')::int then 'many'
        else 'invited' end as word
), replaced as (
    update onboarding.invitation i set revoked_at = sqlc.arg('now')::timestamptz from verdict
    where verdict.word = 'invited' and i.tenant_id = (select ctx.tenant()) and i.email = @email
        and i.accepted_at is null and i.revoked_at is null
    returning i.id
), made as (
    insert into onboarding.invitation (id, tenant_id, email, token_hash, invited_by, created_at, expires_at)
    select @id, (select ctx.tenant()), @email, @token_hash, (select ctx.actor()), sqlc.arg('now')::timestamptz,
        sqlc.arg('expires_at')::timestamptz
    from verdict where verdict.word = 'invited'
    returning id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'administration', 'ApplicantInvitation', made.id, 'create', 'success' from made
    union all
    select 'administration', 'ApplicantInvitation', replaced.id, 'revoke', 'success' from replaced
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'participant' then ctx.refuse('KW445')
    when 'many' then ctx.refuse('KW446') else true end::boolean as invited from verdict;

-- RevokeApplicantInvitation takes an offer of the scope's application back. No row: answered, revoked, of another, or
-- whoever asks takes no part.
-- name: RevokeApplicantInvitation :one
with taken as (
    update onboarding.invitation i set revoked_at = sqlc.arg('now')::timestamptz
    where i.id = @id and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null
        and exists (select 1 from onboarding.participant p where p.tenant_id = i.tenant_id
            and p.account_id = (select ctx.actor()) and p.ended_at is null)
    returning i.id, i.email
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'administration', 'ApplicantInvitation', taken.id, 'revoke', 'success' from taken
)
select taken.email from taken;

-- ApplicantInvitations are the offers of the scope's application that can be accepted, the latest first.
-- name: ApplicantInvitations :many
select i.id, i.email, i.expires_at, p.name as invited_by
from onboarding.invitation i
join onboarding.participant p on p.tenant_id = i.tenant_id and p.account_id = i.invited_by
where i.tenant_id = (select ctx.tenant()) and i.accepted_at is null and i.revoked_at is null
    and i.expires_at > sqlc.arg('now')::timestamptz and p.ended_at is null
order by i.created_at desc, i.id;

-- ApplicantInvitationPending is an offer by its token, if whoever made it still takes part. No row: used, revoked, run
-- out, of another application, or never made.
-- name: ApplicantInvitationPending :one
select i.id, i.email, i.expires_at, p.name as invited_by
from onboarding.invitation i
join onboarding.participant p on p.tenant_id = i.tenant_id and p.account_id = i.invited_by
where i.token_hash = @token_hash and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null
    and i.revoked_at is null and i.expires_at > sqlc.arg('now')::timestamptz and p.ended_at is null;

-- AcceptApplicantInvitation uses an offer up, if it is to the subject's own address, which the program has read. No
-- row: as in ApplicantInvitationPending, or another address's.
-- name: AcceptApplicantInvitation :one
with used as (
    update onboarding.invitation i set accepted_at = sqlc.arg('now')::timestamptz, accepted_by = (select ctx.subject())
    from onboarding.participant p
    where i.token_hash = @token_hash and i.tenant_id = (select ctx.tenant()) and i.accepted_at is null
        and i.revoked_at is null and i.expires_at > sqlc.arg('now')::timestamptz
        and i.email = sqlc.arg('email')::text and ctx.subject() is not null and ctx.behalf() is null
        and p.tenant_id = i.tenant_id and p.account_id = i.invited_by and p.ended_at is null
    returning i.id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    select 'administration', 'ApplicantInvitation', used.id, 'accept', 'success' from used
)
select used.id from used;

-- AddParticipant lets an account take part in the scope's application, or again.
-- name: AddParticipant :exec
insert into onboarding.participant (tenant_id, account_id, name, since)
values ((select ctx.tenant()), @account_id, @name, @since)
on conflict (tenant_id, account_id) do update set name = excluded.name, since = excluded.since, ended_at = null;

-- EndParticipant takes an account out of the scope's application. What it answered stays with its name.
-- name: EndParticipant :exec
update onboarding.participant p set ended_at = sqlc.arg('now')::timestamptz
where p.tenant_id = (select ctx.tenant()) and p.account_id = @account_id;

-- Participants are all who take or took part in the scope's application, the first first.
-- name: Participants :many
select p.account_id, p.name, p.since, p.ended_at from onboarding.participant p
where p.tenant_id = (select ctx.tenant()) order by p.since, p.account_id;

-- TakesPart is the name under which whoever asks takes part in an application. No row: they do not.
-- name: TakesPart :one
select p.name from onboarding.participant p
where p.tenant_id = @application and p.account_id = (select ctx.subject()) and p.ended_at is null;

-- Progress is how often anything happened in the scope's application, and how it stands. No row: whoever asks takes no
-- part in it.
-- name: Progress :one
select a.version, a.status from onboarding.participant p join onboarding.application a on a.tenant_id = p.tenant_id
where p.tenant_id = (select ctx.tenant()) and p.account_id = (select ctx.subject()) and p.ended_at is null;

-- ApplicationsOfAccount are those in which whoever asks takes part, the latest first, a hundred at most: each is played
-- from its log to be listed.
-- name: ApplicationsOfAccount :many
select p.tenant_id, p.since from onboarding.participant p
where p.account_id = (select ctx.subject()) and p.ended_at is null order by p.since desc, p.tenant_id limit 100;
