-- AccountForSignIn is an account with its password. No row: no such account, or it is disabled; the two must look the
-- same.
-- name: AccountForSignIn :one
select a.id, a.email, a.name, a.phone, a.born, a.session_epoch, p.hash
from directory.account a join directory.password p on p.account_id = a.id
where a.email = @email and a.disabled_at is null;

-- AccountExists tells whether an address has an account, disabled or not.
-- name: AccountExists :one
select exists (select 1 from directory.account where email = @email);

-- ActiveAccount is an account by its id. No row: none, or disabled.
-- name: ActiveAccount :one
select a.id, a.email, a.name, a.phone, a.born, a.session_epoch
from directory.account a where a.id = @id and a.disabled_at is null;

-- AccountIDByEmail finds an account for those who watch over the audit. No row: none has this address.
-- name: AccountIDByEmail :one
select a.id from directory.account a where a.email = @email;

-- AccountIDs are the accounts that have this id or whose id ends with these 12 digits, for those who watch over the
-- audit, which shows no more of an id; in no order.
-- name: AccountIDs :many
select a.id from directory.account a
where a.id = sqlc.narg('id')::uuid or right(a.id::text, 12) = sqlc.narg('ending')::text limit 20;

-- CreateAccount makes an account with its password and says so in the audit. KW428 = the address has one already.
-- name: CreateAccount :one
with made as (
    insert into directory.account (id, email, name, created_at) values (@id, @email, @name, @now)
        on conflict (email) do nothing returning id
), kept as (
    insert into directory.password (account_id, hash, changed_at) select id, @hash, @now from made
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
    select 'account', 'Account', id, id, 'sign-up', 'success' from made
)
select case when exists (select 1 from made) then true else ctx.refuse('KW428') end::boolean as made;

-- AddAccount makes an account with its password, or finds the one with this id or email and leaves it alone:
-- whoever has another address by now is the same. Returns its id.
-- name: AddAccount :one
with made as (
    insert into directory.account (id, email, name, phone, born)
    values (@id, @email, @name, @phone, @born)
    on conflict do nothing
    returning id
), secret as (
    insert into directory.password (account_id, hash) select made.id, @hash from made
)
select made.id from made
union all
select a.id from directory.account a where a.email = @email or a.id = @id
limit 1;

-- Profile is what an account has told of itself. No row: no such account.
-- name: Profile :one
select a.name, a.email, a.phone, a.born, a.street, a.city, a.state, a.zip, a.payer_id, a.language
from directory.account a where a.id = @id and a.disabled_at is null;

-- UpdateProfile keeps what an account tells of itself. Those who have a copy of it hear that it has changed. Logs go on
-- to name whoever works or worked somewhere as they were called before, which they may change @most_in_day times a day
-- and @most_in_year times a year: KW444 = they have, and nothing is kept.
-- name: UpdateProfile :one
with person as materialized (
    select a.id, a.name <> @name and (exists (select 1 from directory.membership m where m.account_id = a.id)
        or exists (select 1 from directory.staff s where s.account_id = a.id)) as renamed,
        (select count(*) filter (where (f ->> 'until')::timestamptz > now() - interval '1 day') >= @most_in_day::int
            or count(*) filter (where (f ->> 'until')::timestamptz > now() - interval '1 year') >= @most_in_year::int
            from jsonb_array_elements(a.former_names) f) as often
    from directory.account a where a.id = @id for update
), kept as (
    update directory.account a set name = @name, former_names = case when p.renamed
            then a.former_names || jsonb_build_object('name', a.name, 'until', now()) else a.former_names end,
        phone = @phone, born = sqlc.narg('born'), street = @street,
        city = @city, state = @state, zip = @zip, payer_id = @payer_id, language = @language
    from person p where a.id = p.id and not (p.renamed and p.often) returning a.id
), told as (
    insert into outbox.event (kind, subject_id) select 'account.changed', id from kept
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'account', 'Account', id, id, 'update', array['name', 'phone', 'born', 'address', 'payer', 'language'],
        'success' from kept
)
select case when p.renamed and p.often then ctx.refuse('KW444') else true end::boolean as kept from person p;

-- KeepDetails keeps what an account does not know yet and a person typed of themself while booking, to offer it the
-- next time. What is known stays. Those who have a copy of it hear that it has changed, if it has.
-- name: KeepDetails :exec
with fresh as (
    select a.id, array_remove(array[case when a.phone = '' and @phone::text <> '' then 'phone' end,
        case when a.born is null and @born::date is not null then 'born' end,
        case when coalesce(a.payer_id, '') = '' and @payer_id::text <> '' then 'payer' end], null) as fields
    from directory.account a where a.id = @id for update
), kept as (
    update directory.account a set phone = coalesce(nullif(a.phone, ''), @phone::text),
        born = coalesce(a.born, @born::date),
        payer_id = coalesce(nullif(a.payer_id, ''), @payer_id::text)
    from fresh where a.id = fresh.id and cardinality(fresh.fields) > 0 returning a.id, fresh.fields
), told as (
    insert into outbox.event (kind, subject_id) select 'account.changed', id from kept
)
insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
select 'account', 'Account', id, id, 'update', fields, 'success' from kept;

-- FindAccounts finds accounts by their address or, up to email_till, the beginning of it, by the words of their name in
-- any order, as FindPatients does, by the last ten digits of their phone number (none: empty), or by id; a page of them
-- behind one (none: the first), who was seen last then. They come the last seen first, the newest first or, with any
-- other sort, by name. Who was not seen for as long as sessions are kept was last seen at the epoch. The look-up is
-- audited with the number of results, and for each who was found; what was typed is kept as a keyed hash only.
-- name: FindAccounts :many
with asked as materialized (
    select o.word from unnest(directory.asked_words(sqlc.arg('name')::text)) as o(word)
), hit as (
    select a.id from directory.account a where a.id = any (sqlc.arg('ids')::uuid[])
    union select a.id from directory.account a
    where a.email collate "C" >= sqlc.arg('email')::text and a.email collate "C" < sqlc.arg('email_till')::text
    union select w.account_id from directory.account_name_word w
    where w.word >= (select (directory.asked_words(sqlc.arg('name')::text))[1])
        and w.word < (select directory.asked_till(sqlc.arg('name')::text))
        and not exists (select 1 from asked o where not exists (select 1 from directory.account_name_word other
            where other.account_id = w.account_id and starts_with(other.word, o.word)))
    union select a.id from directory.account a where sqlc.arg('phone')::text <> ''
        and right(regexp_replace(a.phone, '[^0-9]', '', 'g'), 10) = sqlc.arg('phone')::text
), known as (
    select a.id, a.email, a.name, a.created_at, a.disabled_at, h.behind,
        case sqlc.arg('sort')::text when 'since' then -extract(epoch from a.created_at)
            when 'seen' then -coalesce(extract(epoch from (select max(s.last_seen_at) from directory.session s
                where s.account_id = a.id)), 0) else 0 end as rank
    from (select id, false as behind from hit union all select sqlc.narg('after')::uuid, true) h
    join directory.account a on a.id = h.id
), found as (
    select k.id, k.email, k.name, k.created_at, k.disabled_at, k.rank from known k
    where not k.behind and (sqlc.narg('after')::uuid is null or (k.rank, k.name, k.id) > (
        select coalesce(-extract(epoch from sqlc.narg('seen_at')::timestamptz), b.rank), b.name, b.id
        from known b where b.behind))
    order by k.rank, k.name, k.id limit sqlc.arg('most')
), written as (
    insert into audit.event (tenant_id, actor, on_behalf_of, patient, purpose, resource, resource_id, action, fields,
        outcome, after_hash)
    select (select ctx.tenant()), (select ctx.actor()), (select ctx.behalf()), w.id, 'support', 'Account', w.id,
        w.action, w.fields, 'success', w.hash
    from (select null::uuid as id, 'find' as action, array['results', count(*)::text] as fields,
            sqlc.arg('query_hash')::bytea as hash from found
        union all select f.id, 'list', '{}', null from found f) w
)
select f.id, f.email, f.name, f.created_at, f.disabled_at,
    coalesce(seen.last_seen_at, 'epoch')::timestamptz as last_seen_at,
    (select count(*) from directory.membership m where m.account_id = f.id
        and m.ended_at is null)::bigint as workplaces,
    (exists (select 1 from directory.staff s where s.account_id = f.id and s.ended_at is null))::boolean as is_staff
from found f
left join lateral (select s.last_seen_at from directory.session s where s.account_id = f.id
    order by s.last_seen_at desc limit 1) seen on true
order by f.rank, f.name, f.id;

-- AccountForSupport is an account as support sees it, without anything about health; the look is audited and its owner
-- sees it. No row: no such account.
-- name: AccountForSupport :one
with page as (
    select a.id, a.email, a.name, a.created_at, a.disabled_at, a.email_changed_at, a.session_epoch
        from directory.account a where a.id = sqlc.arg('id')::uuid
), written as (
    insert into audit.event (purpose, resource, resource_id, patient, action, fields, outcome)
    select 'support', 'Account', p.id, p.id, 'read',
        '{name,email,sessions,factors,memberships,bookings,timeline}', 'success' from page p
)
select p.id, p.email, p.name, p.created_at, p.disabled_at, p.email_changed_at,
    (select count(*) from directory.session s where s.account_id = p.id and s.revoked_at is null
        and s.epoch = p.session_epoch
        and s.expires_at > sqlc.arg('now')::timestamptz
        and s.last_seen_at > sqlc.arg('idle_since')::timestamptz
        and (not s.work or s.last_seen_at > sqlc.arg('work_idle_since')::timestamptz
            and s.created_at > sqlc.arg('work_since')::timestamptz))::bigint as sessions,
    coalesce((select array_agg(s.role order by s.role) from directory.staff s where s.account_id = p.id
        and s.ended_at is null), '{}')::text[] as staff
from page p;

-- SignIns are the latest ways in and out of an account by these actions, the last first: ten that succeeded, and the
-- refusals before, at most 500 of them, as a line for each kind and network with how often and when last. So whoever
-- guesses hides none of the owner's.
-- name: SignIns :many
with known as (
    (select e.seq, e.at, e.action, true as ok, coalesce(host(e.ip), '')::text as ip
    from audit.event e
    where e.patient = sqlc.arg('account_id')::uuid and e.resource = 'Account' and e.outcome = 'success'
        and e.action = any (@actions::text[])
    order by e.seq desc limit 10)
    union all
    (select e.seq, e.at, e.action, false,
        coalesce(network(set_masklen(e.ip,
            least(masklen(e.ip), case family(e.ip) when 4 then 24 else 64 end)))::text, '')
    from audit.event e
    where e.patient = sqlc.arg('account_id')::uuid and e.resource = 'Account' and e.outcome <> 'success'
        and e.action = any (@actions::text[])
    order by e.seq desc limit 500)
)
select max(k.seq)::bigint as seq, max(k.at)::timestamptz as at, k.action, k.ok, k.ip, count(*) as times
from known k group by k.action, k.ok, k.ip, case when k.ok then k.seq end
order by max(k.seq) desc limit 20;

-- WriteAccountEvent is an audit event without an effect to stand beside: a sign-in, a refused one, a sign-out.
-- name: WriteAccountEvent :exec
insert into audit.event (purpose, resource, resource_id, patient, action, outcome)
values ('account', 'Account', sqlc.narg('account_id'), sqlc.narg('account_id'), @action, @outcome);
