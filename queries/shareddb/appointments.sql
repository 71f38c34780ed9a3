-- AppointmentTenants are the organizations in which an account has appointments, whenever and however they stand; the
-- row policy allows only the subject's own.
-- name: AppointmentTenants :many
select distinct tenant_id from market.appointment_index where account_id = @account_id;

-- AppointmentTenant tells the tenant of one of the account's appointments. No row: not theirs.
-- name: AppointmentTenant :one
select tenant_id from market.appointment_index where appointment_id = @id and account_id = @account_id;

-- FindAppointmentTenant is AppointmentTenant for support, who leaves in the person's record that they asked where. No
-- row: it is none of theirs, and nothing is written.
-- name: FindAppointmentTenant :one
with found as (
    select i.tenant_id, i.account_id, i.appointment_id from market.appointment_index i
    where i.appointment_id = @id and i.account_id = @account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'support', 'Appointment', f.appointment_id, f.account_id, 'find', '{organization}', 'success' from found f
)
select tenant_id from found;

-- AppointmentsByReference are the bookings that a reference names, at which organization each is; the row policy shows
-- them to the platform's staff and to that organization. Two organizations may have given the same one.
-- name: AppointmentsByReference :many
select tenant_id, appointment_id from market.appointment_reference where ref = @ref order by tenant_id limit 20;

-- AppointmentsBetween are those of an account that begin in a span and are not canceled, and where, in order of time,
-- without what for; the row policy allows only the subject's own.
-- name: AppointmentsBetween :many
select appointment_id, tenant_id from market.appointment_index
where account_id = @account_id and not cancelled and starts_at > @since and starts_at < @before
order by starts_at, appointment_id limit 50;

-- IndexedAppointments are where and when an account has appointments, the latest first, without what for; the row
-- policy allows only the subject's own.
-- name: IndexedAppointments :many
select appointment_id, tenant_id, starts_at, cancelled from market.appointment_index
where account_id = @account_id order by starts_at desc, appointment_id limit 50;
