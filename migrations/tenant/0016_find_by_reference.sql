-- The references of the bookings that are there become findable; of those to come, whoever books writes it.

insert into market.appointment_reference (ref, tenant_id, appointment_id)
select a.ref, (select ctx.tenant()), a.id from appointment a where a.status not in ('held', 'lapsed')
on conflict do nothing;
