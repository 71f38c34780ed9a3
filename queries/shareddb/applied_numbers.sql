-- PutAppliedNumber says with which number of a kind the scope's application is made.
-- name: PutAppliedNumber :exec
insert into onboarding.applied_number (tenant_id, kind, number) values ((select ctx.tenant()), @kind, @number)
on conflict (tenant_id, kind) do update set number = excluded.number;

-- DropAppliedNumber says that the scope's application has no number of a kind, or is over.
-- name: DropAppliedNumber :exec
delete from onboarding.applied_number n where n.tenant_id = (select ctx.tenant()) and n.kind = @kind;

-- NumberApplied tells whether an application in which whoever asks takes no part is made with a number.
-- name: NumberApplied :one
select exists (select 1 from onboarding.applied_number n
    where n.kind = @kind and n.number = @number and not exists (select 1 from onboarding.participant p
        where p.tenant_id = n.tenant_id and p.account_id = (select ctx.subject()) and p.ended_at is null));
