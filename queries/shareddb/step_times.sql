-- AddStepTime keeps how long a step was somebody's turn, and until when.
-- name: AddStepTime :exec
insert into onboarding.step_time (kind, step, seconds, at) values (@kind, @step, @seconds, sqlc.arg('at')::timestamptz);

-- OnboardingPace are, since a time and of a kind of organization ('': of all), the median of the hours that each step
-- took and how often ('step'), and how often each of the staff, or nobody, did what (its kind of event). Staff see all.
-- name: OnboardingPace :many
select 'step'::text as what, t.step as step, null::uuid as who, count(*) as times,
    (percentile_cont(0.5) within group (order by t.seconds) / 3600)::float8 as hours
from onboarding.step_time t
where t.at >= sqlc.arg('since')::timestamptz and (sqlc.arg('kind')::text = '' or t.kind = sqlc.arg('kind')::text)
group by t.step
union all
select l.kind, '', l.by, count(*), 0::float8
from onboarding.log l join onboarding.application a on a.tenant_id = l.tenant_id
where l.kind in ('approved', 'claimed', 'rejected', 'returned') and l.at >= sqlc.arg('since')::timestamptz
    and (sqlc.arg('kind')::text = '' or a.kind = sqlc.arg('kind')::text)
group by l.kind, l.by order by 1, 2, 3;

-- UsualTimes are how long the steps of a kind usually take: the median of their last two hundred, of those with five or
-- more.
-- name: UsualTimes :many
select t.step, (percentile_cont(0.5) within group (order by t.seconds))::float8 as seconds
from (select s.step, s.seconds, row_number() over (partition by s.step order by s.id desc) as place
    from onboarding.step_time s where s.kind = @kind) t
where t.place <= 200 group by t.step having count(*) >= 5;
