-- Whoever is removed leaves no words behind by which a name is found. Named by its table, as keep_name_words is:
-- drop_name_words('patient') takes the words of rows that are gone out of patient_name_word. Programs from before go on:
-- they remove no patient.

-- +goose Up
set local role kindward_owner;
-- +goose StatementBegin
create function directory.drop_name_words() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('delete from %I.%I word using gone where word.%I = gone.id', tg_table_schema,
        tg_argv[0] || '_name_word', tg_argv[0] || '_id');
    return null;
end $$;
-- +goose StatementEnd
revoke all on function directory.drop_name_words() from public;
reset role;
