-- ScheduleRules are the weekly hours and breaks of all schedules, in order of schedule, weekday and time.
-- name: ScheduleRules :many
select schedule_id, weekday, kind, from_minute, to_minute from schedule_rule order by schedule_id, weekday, from_minute;

-- ScheduleOverrides are the exceptions from a day on, in order of schedule, day and time.
-- name: ScheduleOverrides :many
select schedule_id, day, from_minute, to_minute from schedule_override where day >= @since order by schedule_id, day,
    from_minute;

-- AddSchedules adds schedules without hours.
-- name: AddSchedules :exec
insert into schedule (id, location_id, practitioner_id, name)
select r.id, r.location_id, r.practitioner_id, r.name
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, location_id uuid, practitioner_id uuid, name text);

-- AddScheduleRules adds weekly hours and breaks.
-- name: AddScheduleRules :exec
insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute)
select r.id, r.schedule_id, r.weekday, r.kind, r.from_minute, r.to_minute
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, schedule_id uuid, weekday smallint, kind text, from_minute smallint,
    to_minute smallint);

-- AddScheduleOverrides adds days with hours of their own.
-- name: AddScheduleOverrides :exec
insert into schedule_override (id, schedule_id, day, from_minute, to_minute, why)
select r.id, r.schedule_id, r.day, r.from_minute, r.to_minute, r.why
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, schedule_id uuid, day date, from_minute smallint,
    to_minute smallint, why text);
