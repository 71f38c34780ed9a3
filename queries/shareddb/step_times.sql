-- AddStepTime keeps how long a step was somebody's turn.
-- name: AddStepTime :exec
insert into onboarding.step_time (kind, step, seconds) values (@kind, @step, @seconds);

-- UsualTimes are how long the steps of a kind usually take: the median of their last two hundred, of those with five or
-- more.
-- name: UsualTimes :many
select t.step, (percentile_cont(0.5) within group (order by t.seconds))::float8 as seconds
from (select s.step, s.seconds, row_number() over (partition by s.step order by s.id desc) as place
    from onboarding.step_time s where s.kind = @kind) t
where t.place <= 200 group by t.step having count(*) >= 5;
