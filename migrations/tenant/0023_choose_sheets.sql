-- A workbook of several sheets is kept until somebody says which of them is meant, and no longer than its import.

alter table import_batch add column sheets text[] not null default '{}', add column file bytea,
    add constraint import_batch_file check ((file is null) = (cardinality(sheets) = 0));
alter table import_batch alter file set storage external; -- it is compressed already
comment on column import_batch.sheets is 'The sheets to choose from; none: one has been chosen, or there is no choice.';
