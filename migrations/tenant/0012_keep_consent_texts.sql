-- Of what somebody agreed to only the hash was kept: whoever wants to read the words again could not, once the
-- organization has another name or the text another version. Now they are kept beside it. Rows from before have none.

alter table consent add text text not null default '' check (length(text) <= 4000);
comment on column consent.text is 'The exact words, of which text_hash is the hash. Empty in rows of programs from before.';
