-- WriteSeedEvent records in the audit that this organization was filled with synthetic data.
-- name: WriteSeedEvent :exec
insert into audit.event (purpose, resource, resource_id, action, outcome)
    values ('demonstration', 'Organization', @tenant_id, 'seed', 'success');
