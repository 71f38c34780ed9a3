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

-- ScheduleOf is the schedule in which a practitioner, or the team where none is named, gives a service at a location;
-- of several the first. After LockLocation. No row: there is none.
-- name: ScheduleOf :one
select schedule_id from offering where location_id = @location and service_id = @service and live
    and practitioner_id is not distinct from sqlc.narg('practitioner')::uuid order by schedule_id limit 1;

-- Schedules are all schedules with whose they are, where, and which services are offered in them, in order of the
-- location's name and whose they are. Those of no services are left out.
-- name: Schedules :many
select s.id, s.location_id, l.name as location, coalesce(p.name, '')::text as practitioner,
    array_agg(v.name order by v.name)::text[] as services
from schedule s join location l on l.id = s.location_id
    left join practitioner p on p.id = s.practitioner_id
    join offering o on o.schedule_id = s.id and o.live
    join service v on v.id = o.service_id
group by s.id, l.name, p.name
order by l.name collate "C", p.name collate "C" nulls first, s.id;

-- ChangeSchedule tells all offerings of a schedule that its rules have changed: times seen before are held no more.
-- name: ChangeSchedule :exec
update offering set schedule_version = schedule_version + 1 where schedule_id = @schedule;

-- DropScheduleRules takes all weekly hours from a schedule. No row: there were none.
-- name: DropScheduleRules :execrows
delete from schedule_rule where schedule_id = @schedule;
