-- IsExistingPatient as it was: a small query of a tenant.
select exists (
    select 1 from appointment a where a.account_id = @account_id::uuid
        and a.status in ('booked', 'arrived', 'fulfilled')
)::boolean as known;
