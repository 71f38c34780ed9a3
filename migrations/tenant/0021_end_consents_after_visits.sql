-- A consent could not be ended while a visit was to come: whoever wanted it over had to remember, or to cancel. Now it
-- can be said beforehand, and takes effect by itself when the last visit is over: one that is moved is waited for, one
-- that is canceled is not. Who books again agrees anew, which is a later word.

alter table consent add after_visits boolean not null default false;
comment on column consent.after_visits is
    'Of what was withdrawn: it ends when no visit here is to come or going on any more. False: at once.';

create or replace view ended_consent with (security_invoker = true) as
select c.patient_id from consent c
where c.purpose = 'share' and c.state = 'withdrawn' and not exists (select 1 from consent later
    where later.patient_id = c.patient_id and later.purpose = c.purpose and (later.at, later.id) > (c.at, c.id))
    and not (c.after_visits and exists (select 1 from appointment a
        where a.patient_id = c.patient_id and a.status in ('booked', 'arrived') and a.ends_at > now()));
comment on view ended_consent is
    'The patients whose consent to share their details has ended, by their last word: nobody who works here reads who they are.';
