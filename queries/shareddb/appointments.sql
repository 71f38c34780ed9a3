-- AppointmentIndex are the ids and times of an account's appointments, latest first; the row policy allows only the
-- subject's own.
-- name: AppointmentIndex :many
select appointment_id, tenant_id, starts_at from market.appointment_index where account_id = @account_id
    order by starts_at desc limit 200;

-- AppointmentTenant tells the tenant of one of the account's appointments. No row: not theirs.
-- name: AppointmentTenant :one
select tenant_id from market.appointment_index where appointment_id = @id and account_id = @account_id;
