-- Whoever sends SQL with a ticket of one of the staff could close an alert in the name of another, who is named as the
-- second of two for good. An alert that is closed stays as it is.

-- +goose Up
set local role kindward_audit;
drop policy if exists change on audit.alert; -- the generator writes it anew
reset role;
