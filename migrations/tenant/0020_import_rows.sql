-- What an organization brings along in a file: its rows as they stood there, what became of each, and the id of what it
-- made, which follows from the row's own id so that the same row makes it once.

create table import_batch (
    id         uuid primary key,
    kind       text not null check (kind in ('practitioners', 'locations', 'services', 'hours', 'patients')),
    file_name  text not null default '',
    header     text[] not null default '{}',
    fields     text[] not null default '{}',
    state      text not null default 'read' check (state in ('read', 'checked', 'running', 'done', 'undone')),
    created_by uuid not null,
    created_at timestamptz not null
);
comment on column import_batch.fields is 'Which field each column of the file is; empty: the column is left out.';

create table import_row (
    batch_id  uuid not null references import_batch,
    line      integer not null,
    cells     text[] not null,
    state     text not null default 'read'
        check (state in ('read', 'wrong', 'ready', 'same', 'added', 'undone', 'kept')),
    problem   text not null default '',
    proposal  text not null default '',
    fix       jsonb not null default '{}',
    record    jsonb not null default '{}',
    record_id uuid,
    primary key (batch_id, line)
);
create index import_row_state on import_row (batch_id, state, line);
-- No statistics of what tells who somebody is.
alter table import_row alter cells set statistics 0, alter record set statistics 0, alter fix set statistics 0;
comment on column import_row.fix is 'What is proposed instead, by number of the column; proposal names its kind.';
comment on column import_row.state is 'same: it was there before, or is a line of the same file. kept: not undone, for something needs it.';

-- What is brought along can be taken back: a row is removed only where nothing else names it.
create index schedule_location on schedule (location_id);
create index schedule_practitioner on schedule (practitioner_id);
create index offering_location on offering (location_id);
create index offering_practitioner on offering (practitioner_id);
