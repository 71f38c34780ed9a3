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
