-- What patients answer before a visit. Each time that they save is a row with all their answers, the last one counts,
-- and no statement changes or removes one. The version of the form is kept: what was asked is known for ever.

create table intake_answer (
    appointment_id uuid not null references appointment,
    sequence       integer not null check (sequence between 1 and 200),
    form_version   integer not null check (form_version > 0),
    answers        jsonb not null check (jsonb_typeof(answers) = 'object' and length(answers::text) <= 60000),
    complete       boolean not null,
    account_id     uuid not null,
    answered_at    timestamptz not null default now(),
    primary key (appointment_id, sequence)
);
revoke update, delete on intake_answer from kindward_app;
alter table intake_answer alter answers set statistics 0;
comment on table intake_answer is 'Answers before a visit, as saved: account_id is who answered. Rows are added, not changed.';
