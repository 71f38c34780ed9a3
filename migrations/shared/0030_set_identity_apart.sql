-- Whoever could send SQL as the app's role could write what lets somebody in: a session, a password, a link of an email,
-- an API key, a role. That is another role's now, kindward_identity, which reads no organization's tables in turn. The
-- app's role keeps what its pages join: who works where, and which access of staff an event belongs to, both gated.
-- Programs from before sign nobody in any more: this one is deployed with all processes stopped.

-- +goose Up
set local role kindward_ctx;
grant usage on schema ctx to kindward_identity;
grant execute on function ctx.tenant(), ctx.subject(), ctx.actor(), ctx.behalf(), ctx.staff(), ctx.who(), ctx.refuse(text),
    ctx.enter(text, text, text, text, text, text) to kindward_identity;
reset role;

set local role kindward_owner;
revoke all on directory.account, directory.password, directory.session, directory.password_reset, directory.email_change,
    directory.device, directory.passkey, directory.totp, directory.recovery_code, directory.factor_removal, directory.sso,
    directory.sso_domain, directory.external_identity, directory.invitation, directory.membership, directory.staff,
    directory.staff_access, directory.api_key, directory.throttle, outbox.email from kindward_app;
revoke all on function directory.may_grant from kindward_app;
grant select on directory.membership, directory.staff_access to kindward_app;

grant execute on function directory.may_grant to kindward_identity;
grant select on directory.tenant to kindward_identity;
grant select, insert, update on directory.account, directory.password to kindward_identity;
grant select, insert, update, delete on directory.session, directory.password_reset, directory.email_change, directory.device,
    directory.passkey, directory.totp, directory.recovery_code, directory.sso, directory.sso_domain, directory.throttle
    to kindward_identity;
-- History: rows are added, and only what ends them is written later.
grant select, insert on directory.factor_removal, directory.external_identity, directory.invitation, directory.membership,
    directory.staff, directory.staff_access, directory.api_key to kindward_identity;
grant update (approved_by, approved_at) on directory.factor_removal to kindward_identity;
grant update (token_hash, expires_at, accepted_at, accepted_by, revoked_at) on directory.invitation to kindward_identity;
grant update (ended_at, ended_by) on directory.membership, directory.staff to kindward_identity;
grant update (ended_at, reviewed_at, reviewed_by, verdict, review_note) on directory.staff_access to kindward_identity;
grant update (last_used_at, revoked_at, revoked_by) on directory.api_key to kindward_identity;
grant insert (tenant_id, kind, subject_id, data) on outbox.event to kindward_identity;
grant insert (id, kind, sealed, expires_at) on outbox.email to kindward_identity;
-- The generator writes these anew, for the roles that write now.
drop policy if exists add on outbox.event;
drop policy if exists add on outbox.email;
reset role;

set local role kindward_audit;
grant select on audit.event, audit.alert, audit.leaf, audit.checkpoint to kindward_identity;
grant insert (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, fields, outcome, policy_version, ip,
    request_id, trace_id, before_hash, after_hash) on audit.event to kindward_identity;
drop policy if exists add on audit.event;
drop policy if exists read on audit.event;
drop policy if exists read on audit.alert;
reset role;
