-- Patients come in a file too: with the number under which the organization knew them, where they live and which
-- language they speak. Whoever is removed with the import that added them leaves no words of the name behind. Programs
-- from before name none of the columns, which then are empty.

alter table patient
    add chart_number text not null default '',
    add street text not null default '',
    add city text not null default '',
    add state text not null default '',
    add zip text not null default '',
    add language text not null default '';
alter table patient alter chart_number set statistics 0, alter street set statistics 0, alter city set statistics 0,
    alter state set statistics 0, alter zip set statistics 0, alter language set statistics 0;
comment on column patient.chart_number is 'Under which number the organization knew them before, as its file has it.';
create trigger drop_name_words after delete on patient referencing old table as gone
    for each statement execute function directory.drop_name_words('patient');
