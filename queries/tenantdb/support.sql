-- FindByRef is the account that has an appointment of this organization by the reference that its owner read out; the organization
-- and the account's owner see that it was looked up. No row: it is none of this organization's.
-- name: FindByRef :one
with found as (
    select a.id, a.account_id from appointment a where a.ref = @ref and a.account_id is not null
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, outcome)
    select f.account_id, 'support', 'Appointment', f.id, 'find', 'success' from found f
)
select f.account_id from found f;
