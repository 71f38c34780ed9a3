-- A name is found by any of its words, in any order, however it is written: the words of each are kept, folded, beside
-- what is called so, by the database, so that whoever writes a name writes them too. Of a name with an apostrophe the
-- part behind it is a word as well. What is there is read before the trigger is, so that nobody who signs up or books
-- waits for it; then only what has changed meanwhile is read again. Programs from before go on.

-- +goose Up
set local role kindward_owner;
create function directory.name_words(name text) returns text[] language sql immutable strict parallel safe
return (select coalesce(array_agg(distinct kept.word collate "C"), '{}') from (
    select unnest(string_to_array(market.fold(translate(name, '‛ʽʾʿˈ‵ꞌ', '')), ' ')) as word
    union all select unnest(string_to_array(market.fold(translate(name, '''’‘ʼʻ`´′＇ʹ‛ʽʾʿˈ‵ꞌ',
        '                 ')), ' ')) where name ~ '[''’‘ʼʻ`´′＇ʹ‛ʽʾʿˈ‵ꞌ]') kept);
comment on function directory.name_words is 'The words by which a name is found, each once.';

create function directory.asked_words(typed text) returns text[] language sql immutable strict parallel safe
return (select (coalesce(array_agg(asked.word order by char_length(asked.word) desc, asked.word collate "C"), '{}'))[1:6]
    from unnest(string_to_array(market.fold(translate(typed, '‛ʽʾʿˈ‵ꞌ', '')), ' ')) as asked(word));
comment on function directory.asked_words is 'The words that somebody typed who looks for a name, the longest first, at most six.';

create function directory.asked_till(typed text) returns text language sql immutable strict parallel safe
return (select case when char_length(asked.word) > 2 then asked.word || chr(1114111)
    when char_length(asked.word) = 2 then asked.word || chr(1) else '' end
    from (select (directory.asked_words(typed))[1] as word) asked);
comment on function directory.asked_till is
    'Where those end that begin like the longest word: of two letters only it itself is looked for, of one nothing.';

-- Named by its table: keep_name_words('patient') keeps the words of the table's rows in patient_name_word.
-- +goose StatementBegin
create function directory.keep_name_words() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare kept text := format('%I.%I', tg_table_schema, tg_argv[0] || '_name_word');
begin
    if tg_op = 'INSERT' then
        execute format('insert into %s select named.id, kept.word
            from named, unnest(directory.name_words(named.name)) as kept(word)', kept);
    else
        execute format('delete from %s where %I = $1', kept, tg_argv[0] || '_id') using old.id;
        execute format('insert into %s select $1, kept.word from unnest(directory.name_words($2)) as kept(word)', kept)
            using new.id, new.name;
    end if;
    return null;
end $$;
-- +goose StatementEnd
revoke all on function directory.name_words(text), directory.asked_words(text), directory.asked_till(text),
    directory.keep_name_words() from public;
grant execute on function directory.name_words(text), directory.asked_words(text), directory.asked_till(text)
    to kindward_app, kindward_identity;
grant execute on function market.fold(text) to kindward_identity;

create table directory.account_name_word (
    account_id uuid not null,
    word       text collate "C" not null,
    primary key (account_id, word)
);
comment on table directory.account_name_word is
    'What an account is found by: the words of its name. Kept by a trigger.';
grant select, insert, delete on directory.account_name_word to kindward_identity;
create table directory.name_seen as select id, name from directory.account;
insert into directory.account_name_word
select seen.id, kept.word from directory.name_seen seen, unnest(directory.name_words(seen.name)) as kept(word);
create index account_name_word_word on directory.account_name_word (word, account_id);
analyze directory.account_name_word;

-- An address is found by its beginning.
create index account_email_start on directory.account (email collate "C");
create trigger keep_name_words after insert on directory.account referencing new table as named
    for each statement execute function directory.keep_name_words('account');
create trigger change_name_words after update of name on directory.account
    for each row when (old.name is distinct from new.name) execute function directory.keep_name_words('account');
delete from directory.account_name_word w using directory.name_seen seen, directory.account a
where w.account_id = seen.id and a.id = seen.id and a.name <> seen.name;
insert into directory.account_name_word
select a.id, kept.word from directory.account a, unnest(directory.name_words(a.name)) as kept(word)
where not exists (select 1 from directory.name_seen seen where seen.id = a.id and seen.name = a.name);
drop table directory.name_seen;
reset role;
