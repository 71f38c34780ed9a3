-- Who may give or take which role stood in every statement about members and invitations. It stands here once, and in
-- internal/role as MayGrant for pages, held to this by a test. Programs from before go on: they do not ask it.

-- +goose Up
set local role kindward_owner;

-- Bound to its operators when it is made, whatever the search_path of whoever asks; so simple that the planner puts it
-- in the place of its call.
-- +goose StatementBegin
create function directory.may_grant(granter_role text, role text) returns boolean
language sql immutable parallel safe
return coalesce(granter_role = 'owner' or granter_role = 'manager' and role <> 'owner', false);
-- +goose StatementEnd
comment on function directory.may_grant is 'Whether somebody with the first role at an organization may give or take the second there, an invitation to it included: owners every role, managers every role but owner, others none.';
revoke all on function directory.may_grant from public;
grant execute on function directory.may_grant to kindward_app;
reset role;
