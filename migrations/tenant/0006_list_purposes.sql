-- A consent is to one of the purposes for which there is a text (internal/consent, held to this list by a test): what
-- the pages would show without words for it is refused where it is written. Programs from before write no other.

alter table consent add constraint consent_purpose check (purpose in ('share')) not valid;
alter table consent validate constraint consent_purpose;
