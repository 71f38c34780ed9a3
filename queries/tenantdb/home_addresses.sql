-- InsertAddress adds the address of a visit at home to a chart; those of before stay. After UpsertChart.
-- name: InsertAddress :exec
insert into home_address (id, patient_id, street, unit, town, state, zip, entry, opens, pets)
values (@id, @patient_id, @street, @unit, @town, @state, @zip, @entry, @opens, @pets);

-- SetAddress gives a locked booking another address.
-- name: SetAddress :exec
update appointment set address_id = @address_id, updated_at = now() where id = @id and status = 'booked';

-- AccountAddress is the address at which this account was last to be visited by this organization. No row: at none.
-- name: AccountAddress :one
select h.street, h.unit, h.town, h.state, h.zip, h.entry, h.opens, h.pets
from home_address h join patient pt on pt.id = h.patient_id
where pt.account_id = @account_id order by h.created_at desc, h.id limit 1;

-- VisitAddresses are where these appointments are visited at home, in no order; the others have none, nor have those of
-- whoever has ended their consent. The look is audited with the appointments', which are read before.
-- name: VisitAddresses :many
select a.id as appointment_id, h.street, h.unit, h.town, h.state, h.zip, h.entry, h.opens, h.pets
from appointment a join home_address h on h.id = a.address_id
where a.id = any (@appointments::uuid[])
    and not exists (select 1 from ended_consent e where e.patient_id = a.patient_id);

-- OwnVisitAddress is where this account's own appointment is visited at home, whatever became of its consent. No row:
-- elsewhere.
-- name: OwnVisitAddress :one
select h.street, h.unit, h.town, h.state, h.zip, h.entry, h.opens, h.pets
from appointment a join home_address h on h.id = a.address_id
where a.id = @id and a.account_id = @account_id::uuid;

-- AddHomeAddresses adds addresses to charts.
-- name: AddHomeAddresses :exec
insert into home_address (id, patient_id, street, town, state, zip, entry)
select r.id, r.patient_id, r.street, r.town, r.state, r.zip, r.entry
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, patient_id uuid, street text, town text, state text, zip text,
    entry text);

-- TakeChartAddresses gives the appointments that have no address the one of their chart.
-- name: TakeChartAddresses :exec
update appointment set address_id = h.id from home_address h
where h.patient_id = appointment.patient_id and appointment.address_id is null;
