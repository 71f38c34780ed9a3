-- Practitioners are the people of an organization as its public page shows them, in order of name by code points, as
-- Go compares.
-- name: Practitioners :many
select id, name, specialty, languages, age_from, age_to, valid_until from practitioner
order by name collate "C", id;

-- AboutPractitioner is what the public page of one of an organization's people says in their own words. No row: nobody.
-- name: AboutPractitioner :one
select about from practitioner where id = @id;

-- AddPractitioners adds practitioners.
-- name: AddPractitioners :exec
insert into practitioner (id, name, specialty, gender, languages, about, npi, age_from, age_to, valid_from,
    valid_until)
select r.id, r.name, r.specialty, r.gender, r.languages, r.about, r.npi, r.age_from, r.age_to, r.valid_from,
    r.valid_until
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, name text, specialty text, gender text, languages text[],
    about text, npi text, age_from smallint, age_to smallint, valid_from date, valid_until date);

-- Practitioner is one of them with all that is said of them. No row: there is none of that id.
-- name: Practitioner :one
select id, name, specialty, gender, languages, about, npi, age_from, age_to, valid_until from practitioner
where id = @id;

-- UpdatePractitioner changes what an organization says of a practitioner by itself.
-- name: UpdatePractitioner :exec
update practitioner set specialty = @specialty, gender = @gender, languages = @languages, about = @about,
    age_from = sqlc.narg('age_from'), age_to = sqlc.narg('age_to') where id = @id;
