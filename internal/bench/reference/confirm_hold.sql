-- ConfirmHold as it was when the unit was defined. It follows the schema where it must, and better SQL never.
with keyed as (
    insert into request_key (key, body_hash, subject, status, location)
    values (@request_key, @body_hash, @account_id::uuid, 303, @answer)
    on conflict do nothing
    returning key
), known as (
    select p.id, p.xmin::text as version from keyed, patient p where p.account_id = @account_id for no key update of p
), chart as (
    insert into patient (id, account_id, name, born, phone, email)
    select @patient_id::uuid, @account_id, @name, @born::date, @phone, @email from keyed left
        join known on true
    on conflict (account_id) do update set name = excluded.name, born = excluded.born, phone = excluded.phone,
        email = excluded.email
    returning id
), alone as (
    select case when exists (select 1 from known) then (select known.version from known) = (select p.xmin::text
        from patient p where p.account_id = @account_id)
        else chart.id = @patient_id end as yes
    from chart
), booked as (
    update appointment a set status = 'booked', held_until = null, account_id = @account_id, patient_id = chart.id,
        note = @note,
        payer_id = @payer_id, booked_at = now(), updated_at = now(),
        is_new = alone.yes and not exists (select 1 from appointment earlier where earlier.patient_id = chart.id
            and earlier.status in ('booked', 'arrived', 'fulfilled'))
    from chart, alone
    where a.id = @id and a.holder = @holder and a.status = 'held' and a.held_until > now()
    returning a.id, a.ref, a.starts_at, a.resource_id, chart.id as patient_id
), claims as (
    update claim c set state = 'booked', expires_at = null from booked
    where c.appointment_id = booked.id and c.state = 'held'
    returning c.id
), shadow as (
    update market.busy b set expires_at = null from claims where b.id = claims.id
        and b.tenant_id = (select ctx.tenant())
), indexed as (
    insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at)
    select id, (select ctx.tenant()), @account_id, starts_at from booked
), agreed as (
    insert into consent (id, patient_id, purpose, version, text_hash, state)
    select @consent_id::uuid, patient_id, 'share', @consent_version, @consent_hash, 'granted' from booked
), told as (
    insert into outbox.event (kind, subject_id, data)
    select 'appointment.booked', id, jsonb_build_object('resource', resource_id) from booked
), written as (
    insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome)
    select @account_id, 'booking', 'Appointment', id, 'book', '{name,born,phone,email,note,payer}', 'success'
        from booked
)
select coalesce((select ref from booked), '')::text as ref,
    case when exists (select 1 from booked) then true
         when exists (select 1 from keyed) then ctx.refuse('KW410')
         else ctx.refuse('KW208') end::boolean as booked;
