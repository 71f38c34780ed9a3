-- Workplaces are the organizations where an account works now, in order of name, with all its roles.
-- name: Workplaces :many
select t.slug, t.name, t.kind, m.role, m.created_at
from directory.membership m join directory.tenant t on t.id = m.tenant_id
where m.account_id = @account_id and m.ended_at is null
order by t.name, t.id;

-- Members are who works at the scope's organization and has these words in their name or an address that begins so, a
-- page of them behind one (none: the first), with the API keys that they made and that work now. They come by name, by
-- when they began (the latest first) or, with any other sort, in the order of the roles given; one who has left
-- meanwhile keeps their place. No row: nobody is like this, or the page is behind the last.
-- name: Members :many
with asked as materialized (
    select o.word from unnest(directory.asked_words(sqlc.arg('name')::text)) as o(word)
), known as materialized (
    select m.id, m.role, m.created_at, m.ended_at, m.account_id, a.name, a.email,
        case sqlc.arg('sort')::text when 'name' then '' when 'since'
            then to_char(4102444800 - extract(epoch from m.created_at), 'FM000000000000.000000')
            else to_char(array_position(@roles::text[], m.role), 'FM000') end as rank
    from directory.membership m join directory.account a on a.id = m.account_id
    where m.tenant_id = (select ctx.tenant()) and (m.ended_at is null or m.id = sqlc.narg('after')::uuid)
), fitting as materialized (
    select k.id from known k where k.ended_at is null
        and (sqlc.arg('name')::text = '' or starts_with(k.email, lower(sqlc.arg('name')::text))
            or exists (select 1 from asked) and not exists (select 1 from asked o where not exists (
                select 1 from directory.account_name_word w
                where w.account_id = k.account_id and starts_with(w.word, o.word))))
), page as (
    select k.id, k.role, k.created_at, k.account_id, k.name, k.email, k.rank
    from known k where k.id in (select f.id from fitting f) and (sqlc.narg('after')::uuid is null
        or (k.rank, lower(k.name), k.id) > (select b.rank, lower(b.name), b.id from known b
            where b.id = sqlc.narg('after')))
    order by k.rank, lower(k.name), k.id limit sqlc.arg('most')
), made as (
    select k.created_by as by_whom, array_agg(k.name order by k.name) as names from directory.api_key k
    where k.tenant_id = (select ctx.tenant()) and k.revoked_at is null and k.expires_at > sqlc.arg('now')::timestamptz
        and k.created_by in (select o.account_id from page o)
    group by k.created_by
)
select p.id, p.account_id, p.role, p.created_at, p.name, p.email, (select count(*) from fitting) as fit,
    coalesce(made.names, '{}')::text[] as keys
from page p left join made on made.by_whom = p.account_id
order by p.rank, lower(p.name), p.id;

-- Member is one who works at the scope's organization, as in Members, and whether another owner does. No row: none is
-- of this id.
-- name: Member :one
select m.id, m.role, m.created_at, a.name, a.email,
    exists (select 1 from directory.membership o where o.tenant_id = m.tenant_id and o.role = 'owner'
        and o.ended_at is null and o.id <> m.id) as other_owner,
    coalesce((select array_agg(k.name order by k.name) from directory.api_key k where k.tenant_id = m.tenant_id
        and k.created_by = m.account_id and k.revoked_at is null and k.expires_at > sqlc.arg('now')::timestamptz),
        '{}')::text[] as keys
from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = (select ctx.tenant()) and m.id = @id and m.ended_at is null;

-- MembershipHistory is who came, changed and left at the scope's organization, the latest first, a page of them behind
-- one (none: the first), with the API keys that they made and that still work though they work there no more.
-- name: MembershipHistory :many
with page as (
    select m.id, m.tenant_id, m.account_id, m.role, m.created_at, m.created_by, m.ended_at, m.ended_by
    from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.ended_at is not null and (sqlc.narg('after')::uuid is null
        or (m.ended_at, m.id) < (select b.ended_at, b.id from directory.membership b where b.id = sqlc.narg('after')))
    order by m.ended_at desc, m.id desc limit sqlc.arg('most')
), made as (
    select k.created_by as by_whom, array_agg(k.name order by k.name) as names from directory.api_key k
    where k.tenant_id = (select ctx.tenant()) and k.revoked_at is null and k.expires_at > sqlc.arg('now')::timestamptz
        and k.created_by in (select o.account_id from page o where not exists (select 1 from directory.membership n
            where n.tenant_id = o.tenant_id and n.account_id = o.account_id and n.ended_at is null))
    group by k.created_by
)
select p.id, directory.name_at(a.name, a.former_names, p.ended_at)::text as name, p.role, p.created_at, p.ended_at,
    coalesce(directory.name_at(by_whom.name, by_whom.former_names, p.created_at), '')::text as begun_by,
    coalesce(directory.name_at(ender.name, ender.former_names, p.ended_at), '')::text as ended_by,
    coalesce(made.names, '{}')::text[] as keys
from page p join directory.account a on a.id = p.account_id
left join directory.account by_whom on by_whom.id = p.created_by
left join directory.account ender on ender.id = p.ended_by
left join made on made.by_whom = p.account_id
order by p.ended_at desc, p.id desc;

-- ChangeRole ends a membership and begins another in its place, for whoever may grant the one and the other role; the
-- last owner stays one. No row: ended, changed meanwhile, or never made. KW403 = the asker's role does not reach, KW420
-- = the last owner. The role that somebody has already is kept without a word. The rows of all owners, of the asker and
-- of the member are locked first and judged as they are then: of two who end each other at the same instant the second
-- has no role any more.
-- name: ChangeRole :one
with locked as materialized (
    select m.id, m.account_id, m.role, m.practitioner_id from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.ended_at is null
        and (m.role = 'owner' or m.account_id = (select ctx.actor()) or m.id = sqlc.arg('id')::uuid)
    order by m.id for update
), owners as (
    select l.id from locked l where l.role = 'owner'
), asker as (
    select l.role from locked l where l.account_id = (select ctx.actor())
), target as (
    select l.id, l.account_id, l.role, l.practitioner_id from locked l where l.id = sqlc.arg('id')::uuid
), verdict as (
    select case
        when not exists (select 1 from target) then 'gone'
        when not exists (select 1 from asker, target where directory.may_grant(asker.role, target.role)
            and directory.may_grant(asker.role, sqlc.arg('role')::text)) then 'not-yours'
        when (select target.role from target) = sqlc.arg('role')::text then 'same'
        when (select target.role from target) = 'owner' and (select count(*) from owners) < 2 then 'last-owner'
        else 'changed' end as word
), ended as (
    update directory.membership m set ended_at = sqlc.arg('now')::timestamptz, ended_by = (select ctx.actor())
    from verdict, target
    where verdict.word = 'changed' and m.id = target.id and m.ended_at is null
    returning m.tenant_id, m.account_id, m.practitioner_id
), begun as (
    insert into directory.membership (id, tenant_id, account_id, role, practitioner_id, created_at, created_by)
    select @new_id, ended.tenant_id, ended.account_id, sqlc.arg('role')::text, ended.practitioner_id,
        sqlc.arg('now')::timestamptz, (select ctx.actor()) from ended
    returning id, account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'Membership', begun.id, 'change role', array['role:' || sqlc.arg('role')::text], 'success'
        from begun
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'last-owner' then ctx.refuse('KW420')
    else true end::boolean as kept
from verdict where verdict.word in ('not-yours', 'last-owner', 'same') or exists (select 1 from begun);

-- EndMembership ends one, and the audit keeps which API keys of theirs work on. No row, KW403, KW420: as in ChangeRole.
-- name: EndMembership :one
with locked as materialized (
    select m.id, m.account_id, m.role, m.practitioner_id from directory.membership m
    where m.tenant_id = (select ctx.tenant()) and m.ended_at is null
        and (m.role = 'owner' or m.account_id = (select ctx.actor()) or m.id = sqlc.arg('id')::uuid)
    order by m.id for update
), owners as (
    select l.id from locked l where l.role = 'owner'
), asker as (
    select l.role from locked l where l.account_id = (select ctx.actor())
), target as (
    select l.id, l.account_id, l.role, l.practitioner_id from locked l where l.id = sqlc.arg('id')::uuid
), verdict as (
    select case
        when not exists (select 1 from target) then 'gone'
        when not exists (select 1 from asker, target where directory.may_grant(asker.role, target.role))
            then 'not-yours'
        when (select target.role from target) = 'owner' and (select count(*) from owners) < 2 then 'last-owner'
        else 'ended' end as word
), ended as (
    update directory.membership m set ended_at = sqlc.arg('now')::timestamptz, ended_by = (select ctx.actor())
    from verdict, target
    where verdict.word = 'ended' and m.id = target.id and m.ended_at is null
    returning m.id, m.tenant_id, m.account_id
), written as (
    insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
    select 'administration', 'Membership', ended.id, 'end', coalesce((select array_agg('key:' || k.id order by k.id)
        from directory.api_key k where k.tenant_id = ended.tenant_id and k.created_by = ended.account_id
            and k.revoked_at is null and k.expires_at > sqlc.arg('now')::timestamptz), '{}'), 'success' from ended
)
select case verdict.word when 'not-yours' then ctx.refuse('KW403') when 'last-owner' then ctx.refuse('KW420')
    else true end::boolean as ended
from verdict where verdict.word in ('not-yours', 'last-owner') or exists (select 1 from ended);

-- AddMembership makes somebody a member without an invitation, for seeds and the first owner; whoever works there stays
-- as they are.
-- name: AddMembership :exec
with begun as (
    insert into directory.membership (id, tenant_id, account_id, role, practitioner_id)
    values (@id, (select ctx.tenant()), @account_id, sqlc.arg('role')::text, sqlc.narg('practitioner_id'))
    on conflict (tenant_id, account_id) where ended_at is null do nothing
    returning id
)
insert into audit.event (purpose, resource, resource_id, action, fields, outcome)
select 'administration', 'Membership', begun.id, 'begin', array['role:' || sqlc.arg('role')::text], 'success'
    from begun;

-- RolesAt are the roles that an account holds at the scope's organization now, what staff roles it has, whether the
-- organization lets its people in by its own sign-in only, and when the sign-in ends or ended by which its provider of
-- now let the account in; the epoch: it did not. One row.
-- name: RolesAt :one
select coalesce((select array_agg(m.role order by m.role) from directory.membership m
        where m.tenant_id = (select ctx.tenant()) and m.account_id = @account_id and m.ended_at is null),
            '{}')::text[] as roles,
    coalesce((select array_agg(s.role order by s.role) from directory.staff s where s.account_id = @account_id
        and s.ended_at is null), '{}')::text[] as staff,
    exists (select 1 from directory.sso o where o.tenant_id = (select ctx.tenant()) and o.required) as own_sign_in,
    coalesce((select least(x.ended_at, x.began_at + o.session_minutes * interval '1 minute') from directory.sso o
        join directory.sso_session x on x.provider = o.id and x.tenant_id = o.tenant_id
        where o.tenant_id = (select ctx.tenant()) and x.id = sqlc.arg('sso_session')::uuid
            and x.account_id = @account_id), to_timestamp(0))::timestamptz as sso_until;

-- WorksAt tells whether an account works at an organization, and at the platform.
-- name: WorksAt :one
select exists (select 1 from directory.membership m where m.account_id = @account_id
    and m.ended_at is null) as organizations,
    exists (select 1 from directory.staff s where s.account_id = @account_id and s.ended_at is null) as platform;

-- Owners are the owners of the scope's organization, to be told.
-- name: Owners :many
select a.email, a.name from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = (select ctx.tenant()) and m.role = 'owner' and m.ended_at is null and a.disabled_at is null
order by a.email limit 200;

-- OwnersAndManagers are the owners and managers of the scope's organization, to be told.
-- name: OwnersAndManagers :many
select a.id, a.email, a.name from directory.membership m join directory.account a on a.id = m.account_id
where m.tenant_id = (select ctx.tenant()) and m.role in ('owner', 'manager') and m.ended_at is null
    and a.disabled_at is null
order by a.email limit 200;
