-- A request key is its account's own: what one person's browser chose says nothing about another's request. A key is
-- short and printable; the form's reader says so in words first. Programs from before go on: they find a key by itself
-- and compare whose it is. The check is not made of what is there, which is gone after seven days.

alter table request_key drop constraint request_key_pkey, add primary key (subject, key);
alter table request_key add constraint request_key_printable check (key ~ '^[ -~]{1,200}$') not valid;
