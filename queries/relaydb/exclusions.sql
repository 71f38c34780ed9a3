-- ExclusionList is the list of exclusions that counts. No row: none was read yet.
-- name: ExclusionList :one
select l.id, l.hash, l.entries, l.as_of, l.looked_at from onboarding.exclusion_list l order by l.id desc limit 1;

-- LookAtExclusionList says that a list is still the one that is published.
-- name: LookAtExclusionList :exec
update onboarding.exclusion_list l set looked_at = @looked_at where l.id = @id;

-- ReplaceExclusions puts a list in the place of the one before it, all or nothing. Each entry has its place in all of
-- the arrays; "" and 0001-01-01 are what it does not have.
-- name: ReplaceExclusions :exec
with list as (
    insert into onboarding.exclusion_list (hash, entries, as_of, looked_at)
    values (@hash, cardinality(@lines::int[]), sqlc.arg('at'), sqlc.arg('at')) returning id
), gone as (
    delete from onboarding.exclusion
), entry as (
    select unnest(@lines::int[]) as line, unnest(@npis::text[]) as npi, unnest(@persons::text[]) as person,
        unnest(@businesses::text[]) as business, unnest(@names::text[]) as name, unnest(@born::date[]) as born,
        unnest(@states::text[]) as state, unnest(@kinds::text[]) as kind, unnest(@excluded_on::date[]) as excluded_on,
        unnest(@waiver_states::text[]) as waiver_state
)
insert into onboarding.exclusion (list_id, line, npi, person, business, name, born, state, kind, excluded_on,
    waiver_state)
select list.id, e.line, nullif(e.npi, ''), nullif(e.person, ''), nullif(e.business, ''), e.name,
    nullif(e.born, '0001-01-01'), e.state, e.kind, e.excluded_on, e.waiver_state
from list, entry e;

-- FindExclusions are the entries of the list that have one of some numbers or names, so many at most: those with a
-- number first, so that namesakes cannot hide one.
-- name: FindExclusions :many
select e.line, e.npi, e.person, e.business, e.name, e.born, e.state, e.kind, e.excluded_on, e.waiver_state
from onboarding.exclusion e
where e.npi = any(@npis::text[]) or e.person = any(@persons::text[]) or e.business = any(@businesses::text[])
order by coalesce(e.npi = any(@npis::text[]), false) desc, e.line limit sqlc.arg('most');
