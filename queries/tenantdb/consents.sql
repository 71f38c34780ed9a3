-- InsertConsent records that a patient agreed to share their details with this organization.
-- name: InsertConsent :exec
insert into consent (id, patient_id, purpose, version, text_hash, state)
values (@id, @patient_id, 'share', @version, @text_hash, 'granted');

-- PatientConsents are the latest words of a person about each purpose. After PatientChart, in its transaction.
-- name: PatientConsents :many
select distinct on (c.purpose) c.purpose, c.version, c.state, c.at from consent c where c.patient_id = @patient_id
    order by c.purpose, c.at desc;

-- AddSharingConsents records that patients with an account agreed to share their details with this organization.
-- name: AddSharingConsents :exec
insert into consent (id, patient_id, purpose, version, text_hash, state, at)
select unnest(@ids::uuid[]), unnest(@patients::uuid[]), 'share', @version, @text_hash, 'granted', @at;
