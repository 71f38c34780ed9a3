-- BookingRules are all rule sets of the organization, its services and its practitioners.
-- name: BookingRules :many
select scope, scope_id, before_minutes, after_minutes, step_minutes, lead_minutes, horizon_days, cancel_cutoff_minutes,
    move_cutoff_minutes from booking_rule;

-- AddBookingRules adds rule sets.
-- name: AddBookingRules :exec
insert into booking_rule (scope, scope_id, before_minutes, after_minutes, step_minutes, lead_minutes, horizon_days,
    cancel_cutoff_minutes, move_cutoff_minutes)
select r.scope, r.scope_id, r.before_minutes, r.after_minutes, r.step_minutes, r.lead_minutes, r.horizon_days,
    r.cancel_cutoff_minutes, r.move_cutoff_minutes
from jsonb_to_recordset(@rows::jsonb) as r(scope text, scope_id uuid, before_minutes integer, after_minutes integer,
    step_minutes integer, lead_minutes integer,
    horizon_days integer, cancel_cutoff_minutes integer, move_cutoff_minutes integer);
