-- What may be true is said by the schema: a time zone is one that PostgreSQL knows under its place's name. What is swept or spent by time
-- or account has an index. A listing tells who says that one gets in apart from the facts themselves: no text is taken apart any more.
-- Programs from before go on: they read facts without their evidence, and nothing that they write is refused.

-- +goose Up
set local role kindward_owner;

-- A place's name: abbreviations and POSIX rules ("EST", "Foo+3") would be taken as well, and mean another time in half of the year.
-- A name of this form that is no zone raises 22023.
alter table directory.tenant add constraint tenant_zone check (zone ~ '^(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+)$'
    and (timestamptz '2000-01-01 00:00:00+00' at time zone zone) is not null);

create index password_reset_account on directory.password_reset (account_id) where used_at is null;
create index password_reset_expires on directory.password_reset (expires_at);
create index email_change_account on directory.email_change (account_id) where used_at is null;
create index email_change_expires on directory.email_change (expires_at);
create index session_expires on directory.session (expires_at);
create index throttle_window on directory.throttle (window_start);
create index external_identity_account on directory.external_identity (account_id);

alter table market.listing add access_evidence text[] not null default '{}';
alter table market.listing no force row level security; -- the owner's own hands: without a ticket it would find nothing to bring over
update market.listing l set access = array(select split_part(f.fact, '=', 1) from unnest(l.access) with ordinality f (fact, n) order by f.n),
    access_evidence = array(select substr(f.fact, length(split_part(f.fact, '=', 1)) + 2) from unnest(l.access) with ordinality f (fact, n) order by f.n)
where cardinality(l.access) > 0;
alter table market.listing force row level security;
comment on column market.listing.access_evidence is 'Who says so, parallel to access. Of another length: a program from before has written the row.';
reset role;
