-- An event of the audit as programs read it stood in nine statements, column by column. Now it stands here, and a
-- column that comes is read by all of them.

-- +goose Up
set local role kindward_audit;
create view audit.event_row with (security_invoker = true) as
select e.seq, e.xid, e.id, e.at, e.tenant_id, e.actor, e.on_behalf_of, e.staff_access_id, e.patient, e.purpose,
    e.resource, e.resource_id, e.action, e.fields, e.outcome, e.policy_id, e.policy_version,
    coalesce(e.ip::text, '')::text as ip, e.request_id, e.trace_id, e.before_hash, e.after_hash
from audit.event e;
comment on view audit.event_row is
    'Every column of an event, as the reader may see it. Its ip is as PostgreSQL writes inet, with its mask, or empty.';
grant select on audit.event_row to kindward_app, kindward_identity, kindward_relay;
grant insert (patient, purpose, resource, resource_id, action, fields, outcome) on audit.event_row to kindward_app;
reset role;
