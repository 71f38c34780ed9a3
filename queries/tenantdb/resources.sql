-- AddResources adds what can be claimed.
-- name: AddResources :exec
insert into resource (id, kind, name, practitioner_id)
select r.id, r.kind, r.name, r.practitioner_id
from jsonb_to_recordset(@rows::jsonb) as r(id uuid, kind text, name text, practitioner_id uuid);
