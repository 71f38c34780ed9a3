-- Whether somebody has ended their consent was asked by each statement in words of its own, and by those that forgot it
-- not at all. Now there is one place that says so.

create view ended_consent with (security_invoker = true) as
select c.patient_id from consent c
where c.purpose = 'share' and c.state = 'withdrawn' and not exists (select 1 from consent later
    where later.patient_id = c.patient_id and later.purpose = c.purpose and (later.at, later.id) > (c.at, c.id));
grant select on ended_consent to kindward_app;
comment on view ended_consent is 'The patients whose last word about sharing their details is that they end it: nobody who works here reads who they are.';
