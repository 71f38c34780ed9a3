-- AddSignature keeps what was signed of the scope's application, to the byte, and by whom; the audit has the text's
-- hash.
-- name: AddSignature :exec
with added as (
    insert into onboarding.signature (tenant_id, version, side, contract, hash, text, name, title, email, proof, by,
        at)
    values ((select ctx.tenant()), @version, sqlc.arg('side')::text, @contract, sqlc.arg('hash')::text, @text, @name,
        @title, @email, @proof, sqlc.narg('by'), @at)
    returning tenant_id
)
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
select 'administration', 'ApplicationContract', added.tenant_id, 'sign',
    array['side:' || sqlc.arg('side')::text, 'sha256:' || sqlc.arg('hash')::text], 'success' from added;

-- Signatures are all of the scope's application, in their order, with the exact text that each is under.
-- name: Signatures :many
select s.version, s.side, s.contract, s.hash, s.text, s.name, s.title, s.email, s.proof, s.by, s.at
from onboarding.signature s where s.tenant_id = (select ctx.tenant()) order by s.version;

-- ContractStanding tells whether the contract of the scope's organization was ever signed by both, and since when
-- another text of it is to be signed (the epoch: none is).
-- name: ContractStanding :one
select (exists (select 1 from onboarding.signature s where s.tenant_id = (select ctx.tenant())
    and s.side = 'platform'))::boolean as signed,
    coalesce((select l.at from onboarding.log l where l.tenant_id = (select ctx.tenant()) and l.kind = 'reworded'
        and not exists (select 1 from onboarding.log n where n.tenant_id = l.tenant_id and n.version > l.version
            and n.kind in ('reworded', 'signed', 'signed-again'))), to_timestamp(0))::timestamptz as asked_at;

-- ContractsToReword are applications and organizations by some versions of the definitions of which no text of the
-- contract from one on was asked for, in the order of their ids. Staff see all.
-- name: ContractsToReword :many
select a.tenant_id from onboarding.application a
where a.status in ('open', 'submitted', 'live') and a.definition = any(@definitions::int[])
    and not exists (select 1 from onboarding.log l where l.tenant_id = a.tenant_id and l.kind = 'reworded'
        and (l.data ->> 'contract')::int >= sqlc.arg('contract')::int)
order by a.tenant_id limit sqlc.arg('most');

-- ContractsToCountersign are organizations whose last signature is their own, in the order of their ids. Staff see all.
-- name: ContractsToCountersign :many
select a.tenant_id from onboarding.application a
where a.status = 'live' and 'organization' = (select s.side from onboarding.signature s
    where s.tenant_id = a.tenant_id order by s.version desc limit 1)
order by a.tenant_id limit sqlc.arg('most');

-- ContractsToSign are organizations that are to sign another text of their contract, the one that was asked first
-- first, a page of them behind one (none: the first). Staff see all.
-- name: ContractsToSign :many
with asked as (
    select l.tenant_id, l.at from onboarding.log l
    where l.kind = 'reworded' and not exists (select 1 from onboarding.log n where n.tenant_id = l.tenant_id
        and n.version > l.version and n.kind in ('reworded', 'signed', 'signed-again'))
)
select t.id, t.name, a.at from asked a join directory.tenant t on t.id = a.tenant_id
where sqlc.narg('after')::uuid is null or (a.at, t.id) > (select b.at, b.tenant_id from asked b
    where b.tenant_id = sqlc.narg('after')::uuid)
order by a.at, t.id limit sqlc.arg('most');

-- SignatureEvents are the events of the audit by which the scope's application was signed, in their order, with the
-- leaf under which each is sealed, or -1. That whoever asks opens the contract is kept.
-- name: SignatureEvents :many
with written as (
    insert into audit.event (purpose, resource, resource_id, action, outcome)
    values ('administration', 'ApplicationContract', (select ctx.tenant()), 'read', 'success')
)
select sqlc.embed(e), coalesce((select l.number from audit.leaf l where l.event_seq = e.seq), -1)::bigint as leaf
from audit.event_row e
where e.tenant_id = (select ctx.tenant()) and e.resource = 'ApplicationContract' and e.action = 'sign' order by e.seq;
