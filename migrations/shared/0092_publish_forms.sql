-- What people are asked in forms is published by the platform's staff: one writes, another publishes. A version is never
-- changed, since answers name the one by which they were asked.

-- +goose Up
set local role kindward_owner;
create schema form;
grant usage on schema form to kindward_app;

create table form.draft (
    form     text not null check (form in ('intake')),
    base     int not null check (base > 0),
    sequence int not null check (sequence between 1 and 10000),
    text     text not null check (length(text) <= 20000),
    by       uuid not null,
    at       timestamptz not null check (isfinite(at)),
    primary key (form, base, sequence)
);
comment on table form.draft is 'The version behind base, as it was saved each time: the last row counts, an empty one gave it up. Never changed.';

create table form.version (
    form     text not null check (form in ('intake')),
    version  int not null check (version > 1000),
    base     int not null,
    sequence int not null,
    text     text not null check (length(text) between 1 and 20000),
    hash     text not null check (hash ~ '^[0-9a-f]{64}$'),
    reason   text not null check (length(reason) between 1 and 500),
    by       uuid not null,
    at       timestamptz not null check (isfinite(at)),
    primary key (form, version),
    foreign key (form, base, sequence) references form.draft,
    check (version = greatest(base + 1, 1001))
);
comment on table form.version is 'What forms ask, from each publication on: by is who published it, who is none of those who wrote it. Never changed.';
comment on column form.version.version is 'Those up to 1000 come with the program.';
comment on column form.version.hash is 'SHA-256 of the text.';

-- +goose StatementBegin
create function form.may_publish(which text, after_version int, last int, content text) returns boolean
language sql stable
return exists (select from form.draft d where d.form = which and d.base = after_version and d.sequence = last
        and d.text = content and d.text <> '')
    and not exists (select from form.draft d where d.form = which and d.base = after_version and (d.sequence > last
        or d.by = ctx.actor() and d.text <> '' and d.sequence > (select coalesce(max(u.sequence), 0)
            from form.draft u where u.form = which and u.base = after_version and u.text = '')));
-- +goose StatementEnd
comment on function form.may_publish is 'Whether whoever acts may publish a draft: it is the last one, and they have written nothing of it.';
revoke all on function form.may_publish from public;
grant execute on function form.may_publish to kindward_app;
grant select, insert on form.draft, form.version to kindward_app;
reset role;
