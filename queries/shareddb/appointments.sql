-- AppointmentTenants are the organizations in which an account has appointments, whenever and however they stand; the
-- row policy allows only the subject's own.
-- name: AppointmentTenants :many
select distinct tenant_id from market.appointment_index where account_id = @account_id;

-- AppointmentTenant tells the tenant of one of the account's appointments. No row: not theirs.
-- name: AppointmentTenant :one
select tenant_id from market.appointment_index where appointment_id = @id and account_id = @account_id;

-- IndexedAppointments are where and when an account has appointments, the latest first, without what for; the row
-- policy allows only the subject's own.
-- name: IndexedAppointments :many
select appointment_id, tenant_id, starts_at, cancelled from market.appointment_index
where account_id = @account_id order by starts_at desc, appointment_id limit 50;
