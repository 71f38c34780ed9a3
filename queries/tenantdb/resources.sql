-- AddResources adds what can be claimed.
-- name: AddResources :exec
insert into resource (id, kind, name, practitioner_id)
select r.id, r.kind, r.name, r.practitioner_id
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, kind text, name text, practitioner_id uuid);

-- ResourceOf is what is claimed of a practitioner's time, or of the team's where none is named; of several the first.
-- No row: there is none.
-- name: ResourceOf :one
select id from resource where practitioner_id = sqlc.narg('practitioner')::uuid
    or sqlc.narg('practitioner')::uuid is null and kind = 'team' order by id limit 1;
