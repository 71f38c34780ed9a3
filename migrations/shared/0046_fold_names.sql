-- People look for a name as they hear it: in any order, without accents, with whatever apostrophe their keyboard has.
-- What is stored and what is typed are folded by this one function.

-- +goose Up
set local role kindward_owner;
create function market.fold(name text) returns text language sql immutable strict parallel safe
return btrim(regexp_replace(replace(replace(replace(replace(translate(lower(regexp_replace(normalize(
    translate(name, '''’‘ʼʻ`´′＇ʹ"“”', ''), NFKD), '[\u0300-\u036f]', '', 'g')), 'øłđðı', 'olddi'),
    'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th'), '[^[:alnum:]]+', ' ', 'g'));
comment on function market.fold is 'A name as people look for it: lower case, no accents, no apostrophes, one space between two words.';
revoke all on function market.fold(text) from public;
grant execute on function market.fold(text) to kindward_app;
reset role;
