-- InsertConsent records that a patient agreed to share their details with this organization.
-- name: InsertConsent :exec
insert into consent (id, patient_id, purpose, version, text, text_hash, state)
values (@id, @patient_id, 'share', @version, @text, @text_hash, 'granted');

-- StandingConsent is when this account agreed to share its details here, in these words. No row: it has not, or has
-- ended that.
-- name: StandingConsent :one
select c.at from consent c join patient pt on pt.id = c.patient_id
where pt.account_id = @account_id::uuid and c.purpose = 'share' and c.state = 'granted' and c.text_hash = @text_hash
    and not exists (select 1 from consent later where later.patient_id = c.patient_id and later.purpose = 'share'
        and (later.at, later.id) > (c.at, c.id));

-- RequireConsent refuses with KW442 where the last words of this chart about sharing are not these. After UpsertChart.
-- name: RequireConsent :exec
select ctx.refuse('KW442') where not exists (select 1 from consent c
    where c.patient_id = @patient_id and c.purpose = 'share' and c.state = 'granted' and c.text_hash = @text_hash
        and not exists (select 1 from consent later where later.patient_id = c.patient_id and later.purpose = 'share'
            and (later.at, later.id) > (c.at, c.id)));

-- LockChart locks this account's chart here, so that a booking and the end of a consent pass one after the other.
-- KW410 = it has none.
-- name: LockChart :exec
select ctx.refuse('KW410') where not exists (select 1 from patient where account_id = @account_id::uuid for update);

-- RequireNothingToCome refuses with KW420 if this account has a visit to come here.
-- name: RequireNothingToCome :exec
select ctx.refuse('KW420') where exists (select 1 from appointment a
    where a.account_id = @account_id::uuid and a.status = 'booked' and a.starts_at > now());

-- WithdrawConsent ends what was agreed to with these words, at once or after the visits to come. After LockChart.
-- name: WithdrawConsent :exec
insert into consent (id, patient_id, purpose, version, text, text_hash, state, after_visits)
values (@id, @patient_id, 'share', @version, @text, @text_hash, 'withdrawn', @after_visits);

-- RequireConsentEnding refuses with KW410 unless the last words of this chart about sharing end it after visits that
-- are not over. After LockChart.
-- name: RequireConsentEnding :exec
select ctx.refuse('KW410') where not exists (select 1 from consent c
    where c.patient_id = @patient_id and c.purpose = 'share' and c.state = 'withdrawn' and c.after_visits
        and not exists (select 1 from consent later where later.patient_id = c.patient_id and later.purpose = 'share'
            and (later.at, later.id) > (c.at, c.id))
        and not exists (select 1 from ended_consent e where e.patient_id = c.patient_id));

-- AccountConsents are what this account has said here about sharing, the latest first. AuditConsents goes with it.
-- name: AccountConsents :many
select c.id, c.patient_id, c.version, c.text, c.text_hash, c.state, c.at, c.after_visits
from consent c join patient pt on pt.id = c.patient_id
where pt.account_id = @account_id::uuid and c.purpose = 'share' order by c.at desc, c.id desc limit 50;

-- HasEndedConsent tells whether what this account shared here is shared no more.
-- name: HasEndedConsent :one
select exists (select 1 from ended_consent e join patient pt on pt.id = e.patient_id
    where pt.account_id = @account_id::uuid)::boolean as ended;

-- HasVisitToCome tells whether this account has a visit to come here.
-- name: HasVisitToCome :one
select exists (select 1 from appointment a
    where a.account_id = @account_id::uuid and a.status = 'booked' and a.starts_at > now())::boolean as has_visit;

-- AuditConsents records that somebody read what they agreed to here, or ended it.
-- name: AuditConsents :exec
insert into audit.event_row as e (patient, purpose, resource, resource_id, action, outcome)
values (@account_id, 'own record', 'Consent', @patient_id, @action, 'success')
returning e.*;

-- PatientConsents are the latest words of a person about each purpose. After PatientChart, in its transaction.
-- name: PatientConsents :many
select distinct on (c.purpose) c.purpose, c.version, c.state, c.at from consent c where c.patient_id = @patient_id
    order by c.purpose, c.at desc;

-- AddSharingConsents records that patients with an account agreed to share their details with this organization.
-- name: AddSharingConsents :exec
insert into consent (id, patient_id, purpose, version, text, text_hash, state, at)
select unnest(@ids::uuid[]), unnest(@patients::uuid[]), 'share', @version, @text, @text_hash, 'granted', @at;

-- SharesDetails tells whether what a person on file here said last about sharing is that they agree.
-- name: SharesDetails :one
select exists (select 1 from consent c where c.patient_id = @patient_id and c.purpose = 'share' and c.state = 'granted'
    and not exists (select 1 from consent later where later.patient_id = c.patient_id and later.purpose = 'share'
        and (later.at, later.id) > (c.at, c.id)))::boolean as shares;

-- InsertTakenConsent records that a patient agreed by word of mouth, and who read the words to them.
-- name: InsertTakenConsent :exec
insert into consent (id, patient_id, purpose, version, text, text_hash, state, channel, taken_by)
values (@id, @patient_id, 'share', @version, @text, @text_hash, 'granted', @channel, @taken_by::uuid);
