-- One of the staff acts for one person or organization at a time: beginning ends what was begun before. Of requests that
-- came at once each saw nothing to end, and several acts ran. Programs from before go on as they did.

-- +goose Up
set local role kindward_owner;

-- It sees what others have committed when it is called, and not only when the statement began that calls it: after a lock
-- that this statement has waited for.
-- +goose StatementBegin
create function directory.end_acts(staff_member uuid, moment timestamptz) returns bigint
language sql volatile
begin atomic
    with ended as (
        update directory.staff_access t set ended_at = moment
        where t.actor = staff_member and t.ended_at is null and t.expires_at > moment
        returning 1
    )
    select count(*) from ended;
end;
-- +goose StatementEnd
comment on function directory.end_acts is 'Ends what one of the staff has begun for somebody else, and gives how many. Whoever begins something locks their rows of staff first.';
revoke all on function directory.end_acts from public;
grant execute on function directory.end_acts to kindward_identity;
reset role;
