-- FormVersions are the published versions of a form, the newest first, with the text of those whose hash is not known.
-- name: FormVersions :many
select v.version, v.hash, (case when v.hash = any(@known::text[]) then '' else v.text end)::text as text
from form.version v where v.form = @form order by v.version desc;

-- FormHistory is who published which version of a form, the newest first.
-- name: FormHistory :many
select v.version, v.reason, v.by, v.at from form.version v where v.form = @form order by v.version desc limit 200;

-- FormDraft is the draft behind a version of a form as it was saved last, and who has written in it since it was given
-- up before. No row: nobody began one.
-- name: FormDraft :one
select d.sequence, d.text, d.by, d.at, (select coalesce(array_agg(distinct w.by), '{}') from form.draft w
    where w.form = d.form and w.base = d.base and w.text <> '' and w.sequence > (select coalesce(max(u.sequence), 0)
        from form.draft u where u.form = d.form and u.base = d.base and u.text = ''))::uuid[] as writers
from form.draft d where d.form = @form and d.base = @base order by d.sequence desc limit 1;

-- AddFormDraft saves a draft under the next number; action says what was done. No row: somebody else has saved.
-- name: AddFormDraft :execrows
with saved as (
    insert into form.draft (form, base, sequence, text, by, at)
    values (@form, @base, @sequence, @text, (select ctx.actor()), @at)
    on conflict (form, base, sequence) do nothing
    returning form, base
)
insert into audit.event (purpose, resource, action, fields, outcome)
select 'administration', 'Form', sqlc.arg('action')::text, array['form:' || s.form, 'version:' || (s.base + 1)],
    'success'
from saved s;

-- PublishForm makes a version of the draft that was looked at, if it is the last one and whoever publishes has not
-- written in it. No row: somebody has saved or published since, or it is their own.
-- name: PublishForm :execrows
with published as (
    insert into form.version (form, version, base, sequence, text, hash, reason, by, at)
    select d.form, greatest(d.base + 1, 1001), d.base, d.sequence, d.text, @hash, @reason, (select ctx.actor()), @at
    from form.draft d
    where d.form = @form and d.base = @base and d.sequence = @sequence
        and form.may_publish(d.form, d.base, d.sequence, d.text)
    on conflict (form, version) do nothing
    returning form, version
)
insert into audit.event (purpose, resource, action, fields, outcome)
select 'administration', 'Form', 'publish', array['form:' || p.form, 'version:' || p.version], 'success'
from published p;
